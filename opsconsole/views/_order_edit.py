"""The form of editing an order's lines: what stands in each row, and what is asked by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wtforms import FieldList, Form, FormField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, Length, NumberRange, Optional

from ..lib.money import Money
from ..lib.refusal import Invalid
from ..models import Order, OrderLine
from ..services import orders, products
from ._fields import SelectChoice, text
from .phi import product_of

NEW_ROWS = 2  # empty rows at the end of the page's form
_THEIRS = "theirs"


class EditLineForm(Form):
    """A line that is there: `line` and `seen`, and what is to be different. One that is added has no `line`."""

    line = StringField("Line", text(40), description="Its id, as the order tells it; none adds a line.")
    seen = IntegerField("Seen", [Optional()], description="The version of the line that you saw.")
    sku = SelectField("Product", validate_choice=False, description="Another product, by its SKU.")
    quantity = IntegerField(
        "Pieces", [Optional(), NumberRange(0, 1000, "Between 0 and 1,000.")], description="0 drops the line."
    )
    unit_price = StringField("Price of one", text(40), description="Only with another product.")
    keep = StringField(
        "Whose",
        [Optional(), AnyOf([_THEIRS, "mine"])],
        description="After two edits of one line: theirs, or mine.",
    )


class EditForm(Form):
    lines = FieldList(
        FormField(EditLineForm), "Lines", [Length(max=100, message="At most 100 lines.")], max_entries=101
    )
    note = TextAreaField(
        "Note for colleagues", text(2000), description="No health details: anybody in ops can read it."
    )


@dataclass(frozen=True)
class Row:
    """A row of the page: the line, or None for one that may be added, what it is called, and what was typed, if it was."""

    name: str
    line: OrderLine | None
    product: str | None
    typed: Any = None

    @property
    def torn(self) -> bool:
        """Did somebody else change it too?"""
        return self.typed is not None and bool(self.typed.keep.data)


def edits_asked(form: EditForm, currency: str) -> Sequence[orders.LineEdit]:
    """The rows that ask for something. One that is left as it is, or left to whoever changed it meanwhile, asks nothing."""
    return [
        orders.LineEdit(
            row.form.line.data or None,
            row.form.sku.data or None,
            row.form.quantity.data,
            _price(row, currency),
            row.form.seen.data,
            said_in=f"{row.name}-quantity",
        )
        for row in form.lines
        if _asks(row.form)
    ]


def _asks(row: Any) -> bool:
    typed = row.sku.data or row.unit_price.data or row.quantity.data is not None
    return bool(typed) and row.keep.data != _THEIRS


def _price(row: Any, currency: str) -> int | None:
    typed = row.form.unit_price.data
    if not typed:
        return None
    try:
        return Money.parse(typed, currency).minor
    except ValueError as error:
        raise Invalid({f"{row.name}-unit_price": [str(error)]}) from None


def rows_of(form: EditForm, order: Order) -> dict[str, Any]:
    """What the page shows: a row for each line as it stands, and some for what may be added."""
    lines = order.lines()
    typed = {row.form.line.data or row.name: row.form for row in form.lines}
    choices = [SelectChoice(one.sku, _called(one)) for one in products.find().items if one.active]
    rows = [
        Row(f"lines-{at}", line, product_of(line, order), typed.get(line.id)) for at, line in enumerate(lines)
    ]
    new = [f"lines-{len(lines) + at}" for at in range(NEW_ROWS)]
    return {
        "rows": [*rows, *(Row(name, None, None, typed.get(name)) for name in new)],
        "choices": choices,
    }


def _called(product: Any) -> str:
    return f"{product.sku}: {product.name}" + (f", {product.strength}" if product.strength else "")
