"""Invoices, continued: what is done while one is a draft, and with the lines of a new one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from wtforms import BooleanField, FieldList, Form, FormField, SelectMultipleField, StringField
from wtforms.validators import Length

from ..lib.money import Money, NotMoney
from ..lib.refusal import Invalid
from ..models import InvoiceHold
from ..services import billing
from ._acting import Asked, NoInput, performs
from ._fields import InstantField, text
from ._page import now
from .invoices import SENT, context_of, note_field, pages, reason_field


class HoldForm(Form):
    reason = reason_field({one.value: one.words for one in billing.HOLD_REASONS})
    until = InstantField("Until (UTC)", description="72 hours at most. Then it goes out by itself.")
    note = note_field()


@pages.route("/invoices/<invoice_id>/hold", methods=["GET", "POST"])
@performs(billing.hold, HoldForm)
def hold(form: HoldForm, invoice_id: str) -> Asked:
    if request.method == "GET" and not form.until.data:
        form.until.data = (now() + billing.USUAL).strftime("%Y-%m-%dT%H:%M")
    return Asked(
        invoice_id,
        lambda: {"reason": form.reason.data, "until": form.until.instant, "note": form.note.data or ""},
        context=context_of(invoice_id, "Hold it"),
        done="Stripe is asked at once not to send it.",
        then=f"/invoices/{invoice_id}",
    )


@pages.route("/invoices/<invoice_id>/release", methods=["GET", "POST"])
@performs(billing.release)
def release(form: NoInput, invoice_id: str) -> Asked:
    context = context_of(invoice_id, "Release it") | {"hold": InvoiceHold.on(invoice_id)}
    return Asked(invoice_id, context=context, done=SENT)


class NewLineForm(Form):
    amount = StringField("Amount", text(40), description="Negative is credit.")
    description = StringField(
        "What for", text(200), description="No word about a treatment: it leaves the house."
    )


class LineForm(Form):
    line = StringField("Line", text(255), description="Its id, as the invoice tells it.")
    amount = StringField("Amount", text(40), description="What it is to cost; as it is unless given.")
    description = StringField("What for", text(200), description="What it is to say; as it is unless given.")


_FEW = [Length(max=50, message="At most 50 lines at once.")]


class AdjustForm(Form):
    add = FieldList(FormField(NewLineForm), "New lines", _FEW, max_entries=51)
    change = FieldList(FormField(LineForm), "Lines as they are to be", _FEW, max_entries=51)
    remove = SelectMultipleField("Lines to take off", validate_choice=False, choices=[])
    keep = BooleanField(
        "Let them wait for the next invoice", description="Only what was added by hand can wait."
    )
    reason = reason_field(billing.ADJUST_REASONS)
    note = note_field()
    currency = "usd"


@pages.route("/invoices/<invoice_id>/adjust", methods=["GET", "POST"])
@performs(billing.adjust, AdjustForm)
def adjust(form: AdjustForm, invoice_id: str) -> Asked:
    context = context_of(invoice_id, "Change it")
    form.currency = context["invoice"].currency
    rows = {row.form.line.data: row.form for row in form.change if row.form.line.data}
    return Asked(
        invoice_id,
        lambda: {
            "add": _new_lines(form.add, form.currency),
            "change": [_line_asked(row, form.currency) for row in form.change if row.form.line.data],
            "remove": form.remove.data or [],
            "keep": form.keep.data,
            "reason": form.reason.data,
            "note": form.note.data or "",
        },
        context=context
        | {
            "lines": billing.lines(context["invoice"]),
            "rows": rows,
            "neutral": billing.NEUTRAL,
        },
        done=SENT,
    )


def _new_lines(rows: FieldList[Any], currency: str) -> Sequence[dict[str, Any]]:
    """The rows that say something: a page offers more of them than are needed."""
    return [
        {
            "amount": _minor(row.form.amount.data, currency, f"{row.name}-amount"),
            "description": (row.form.description.data or "").strip(),
        }
        for row in rows
        if row.form.amount.data or row.form.description.data
    ]


def _line_asked(row: Any, currency: str) -> dict[str, Any]:
    amount, description = row.form.amount.data, row.form.description.data
    return {
        "line": row.form.line.data,
        "amount": _minor(amount, currency, f"{row.name}-amount") if amount else None,
        "description": description.strip() if description else None,
    }


def _minor(typed: str | None, currency: str, field: str) -> int:
    try:
        return Money.parse(typed or "", currency).minor
    except NotMoney as error:
        raise Invalid({field: [str(error)]}) from None


@pages.route("/invoices/<invoice_id>/finalise", methods=["GET", "POST"])
@performs(billing.finalise)
def finalise(form: NoInput, invoice_id: str) -> Asked:
    return Asked(invoice_id, context=context_of(invoice_id, "Send it now"), done=SENT)


class ReissueForm(Form):
    lines = FieldList(
        FormField(NewLineForm), "Lines of the new one", _FEW, max_entries=51,
        description="Those of the old one unless given.",
    )  # fmt: skip
    reason = reason_field(billing.VOID_REASONS)
    note = note_field()


@pages.route("/invoices/<invoice_id>/reissue", methods=["GET", "POST"])
@performs(billing.reissue, ReissueForm)
def reissue(form: ReissueForm, invoice_id: str) -> Asked:
    context = context_of(invoice_id, "Issue it again")
    currency = context["invoice"].currency
    rows = [(row.form.amount.data or "", row.form.description.data or "") for row in form.lines]
    old = [(line.money.amount, line.description) for line in billing.lines(context["invoice"])]
    return Asked(
        invoice_id,
        lambda: {
            "lines": _new_lines(form.lines, currency) if rows else None,
            "reason": form.reason.data,
            "note": form.note.data or "",
        },
        context=context | {"rows": (rows or old), "neutral": billing.NEUTRAL},
        done=SENT,
    )
