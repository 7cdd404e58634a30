"""Orders, continued: giving money back for one, or for lines of it."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    SelectField,
    StringField,
    TextAreaField,
)  # fmt: skip
from wtforms.validators import Length

from ..lib.money import Money
from ..lib.refusal import Invalid
from ..models import (
    Order,
)
from ..services import refunds
from ._acting import Asked, performs
from ._fields import MoneyField, SelectChoice, required, text
from ._who import actor
from .orders import minor_of, pages


class RefundLineForm(Form):
    line = StringField("Line", text(40), description="Its id, as the order tells it.")
    amount = StringField("Amount", text(40), description="With its tax; all that is left of it unless given.")


class RefundForm(Form):
    """Choices of `payment` and the currency come from the order."""

    lines = FieldList(
        FormField(RefundLineForm), "Lines", [Length(max=100, message="At most 100 lines.")], max_entries=101,
        description="With shipping, what the refund is for. Either these or an amount.",
    )  # fmt: skip
    shipping = MoneyField("Shipping", description="So much of the order's shipping, with its tax.")
    amount = MoneyField(
        "Another amount",
        description="Of the order as a whole, as for goodwill: no line is marked as refunded.",
    )
    payment = SelectField("Payment", validate_choice=False)
    reason = SelectField("Reason", required("Choose why."), validate_choice=False)
    note = TextAreaField(
        "Note for colleagues", text(2000), description="No health details: anybody in ops can read it."
    )
    confirm_fraud = BooleanField("Yes, block this card and this e-mail address at Stripe for ever")
    currency = "usd"


@pages.route("/orders/<order_id>/refund", methods=["GET", "POST"])
@performs(refunds.issue, RefundForm)
def refund(form: RefundForm, order_id: str) -> Asked:
    order = Order.require(order_id)
    paid = order.paid()
    form.currency = order.currency
    left = [
        SelectChoice(one.payment.id, f"{one.payment.card}, {one.left.money} left")
        for one in paid
        if one.left.refundable
    ]
    form.payment.choices = [SelectChoice("", "Choose which…"), *left]
    parts = refunds.parts(order)
    blame = actor().may("refunds.blame_fraud")
    form.reason.choices = _reasons(blame)
    return Asked(
        order_id,
        lambda: {
            "amount": form.amount.minor,
            "lines": _lines_asked(form),
            "shipping": form.shipping.minor,
            "reason": form.reason.data,
            "note": form.note.data or "",
            "payment": form.payment.data or None,
            "confirm_fraud": form.confirm_fraud.data,
        },
        context={
            "order": order,
            "customer": order.customer,
            "paid": paid,
            "parts": parts,
            "rows": {row.form.line.data or row.name: row.form for row in form.lines},
            "reasons": refunds.REASONS,
            "may_blame_fraud": blame,
            "submit": _submit(form, parts),
        },
        done="The refund is planned. It goes out in a minute; until then you can undo it.",
    )


def _lines_asked(form: RefundForm) -> Sequence[refunds.LineAsked]:
    """The rows that name a line. A row of the page that is not ticked names none, and then has no amount either."""
    asked = []
    for row in form.lines:
        line, typed = row.form.line.data, row.form.amount.data
        if line:
            amount = minor_of(typed, form.currency, f"{row.name}-amount") if typed else None
            asked.append(refunds.LineAsked(line, amount, said_in=f"{row.name}-amount"))
        elif typed:
            raise Invalid({f"{row.name}-amount": ["Name the line that this is of, or take the amount away."]})
    return asked


def _submit(form: RefundForm, parts: Sequence[refunds.Part]) -> str:
    """The button's words: with the sum as soon as it is one."""
    left = {part.line.id: part.left.total for part in parts if part.line}
    try:
        minor = [
            Money.parse(field.data, form.currency).minor
            for field in (form.amount, form.shipping)
            if field.data
        ]
        minor += [asked.amount or left.get(asked.line, 0) for asked in _lines_asked(form)]
    except (ValueError, Invalid):
        return "Refund"
    return f"Refund {Money(sum(minor), form.currency)}" if sum(minor) > 0 else "Refund"


def _reasons(blame: bool) -> Sequence[SelectChoice]:
    """The reasons by group; fraud only for who may say so."""
    offered = [reason for reason in refunds.REASONS.values() if blame or not reason.warns]
    named = [SelectChoice(reason.code, reason.label, optgroup=reason.group) for reason in offered]
    return [SelectChoice("", "Choose why…"), *named]
