"""Invoices, continued: what is done once one was sent, to be paid or to be called off."""

from __future__ import annotations

from flask import request
from wtforms import DateField, Field, Form, StringField

from ..services import billing
from ._acting import Asked, NoInput, performs
from ._fields import MoneyField, required, text
from ._page import now
from .invoices import SENT, context_of, note_field, pages, reason_field


class VoidForm(Form):
    reason = reason_field(billing.VOID_REASONS)
    note = note_field()


def _called_off(form: VoidForm, invoice_id: str, submit: str) -> Asked:
    return Asked(
        invoice_id,
        lambda: {"reason": form.reason.data, "note": form.note.data or ""},
        context=context_of(invoice_id, submit),
        done=SENT,
    )


@pages.route("/invoices/<invoice_id>/void", methods=["GET", "POST"])
@performs(billing.void, VoidForm)
def void(form: VoidForm, invoice_id: str) -> Asked:
    return _called_off(form, invoice_id, "Void it")


@pages.route("/invoices/<invoice_id>/write_off", methods=["GET", "POST"])
@performs(billing.write_off, VoidForm)
def write_off(form: VoidForm, invoice_id: str) -> Asked:
    return _called_off(form, invoice_id, "Write it off")


@pages.route("/invoices/<invoice_id>/collect", methods=["GET", "POST"])
@performs(billing.collect)
def collect(form: NoInput, invoice_id: str) -> Asked:
    context = context_of(invoice_id, "Try the card now")
    return Asked(invoice_id, context=context, done="Stripe tries the card in a few seconds.")


@pages.route("/invoices/<invoice_id>/stop_collecting", methods=["GET", "POST"])
@performs(billing.stop_collecting)
def stop_collecting(form: NoInput, invoice_id: str) -> Asked:
    return Asked(invoice_id, context=context_of(invoice_id, "Stop collecting"), done=SENT)


class RecordPaymentForm(Form):
    reference = StringField(
        "Reference",
        text(80, needed=True),
        description="What finance finds it by: a transfer's or a cheque's number.",
    )
    amount = MoneyField("Amount", required("Write what was paid."))
    received_on = DateField("Received on", required("Choose the day."))
    note = note_field()
    currency = "usd"


def _offer(field: Field, value: str) -> None:
    """What stands in a field as long as nobody has written in it."""
    if not field.raw_data:
        field.raw_data = [value]
        field.process_formdata(field.raw_data)


@pages.route("/invoices/<invoice_id>/record_payment", methods=["GET", "POST"])
@performs(billing.record_payment, RecordPaymentForm)
def record_payment(form: RecordPaymentForm, invoice_id: str) -> Asked:
    context = context_of(invoice_id, "Record it")
    invoice = context["invoice"]
    form.currency = invoice.currency
    if request.method == "GET":
        _offer(form.amount, invoice.money("remaining").amount)
        _offer(form.received_on, now().date().isoformat())
    return Asked(
        invoice_id,
        lambda: {
            "reference": form.reference.data or "",
            "amount": form.amount.minor,
            "received_on": form.received_on.data,
            "note": form.note.data or "",
        },
        context=context,
        done=SENT,
    )
