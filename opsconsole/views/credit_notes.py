"""Crediting an invoice, and the credit notes that come of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import Form, SelectField, TextAreaField

from ..models import CreditNote, Customer, Invoice, Refund, Subscription
from ..services import audit, billing, cases
from ._acting import Asked, performs
from ._browser import at
from ._fields import MoneyField, SelectChoice, required, text
from ._happened import happened
from ._listing import Acts, act_on, common, shown
from ._live import live
from ._who import reads

pages = Blueprint("credit_notes", __name__)
_MONEY = ("amount", "refunded", "credited", "out_of_band", "taken_off")
_NO_HEALTH = "No health details: anybody in ops can read it."
_SENT = "Stripe is asked in a minute; until then you can undo it."


class CreditForm(Form):
    """Of an open invoice `amount`, of a paid one the three others."""

    amount = MoneyField("Less is due by", text(40), description="While it is open.")
    to_card = MoneyField("Back to the card", text(40), description="As a refund; it takes 5 to 10 days.")
    to_balance = MoneyField(
        "To the customer's credit", text(40), description="Their next invoice is less by it."
    )
    out_of_band = MoneyField(
        "By other means", text(40), description="A transfer or a cheque, which finance makes."
    )
    reason = SelectField(
        "Reason",
        required("Choose why."),
        choices=[
            SelectChoice("", "Choose…"),
            *(SelectChoice(code, words) for code, words in billing.CREDIT_REASONS.items()),
        ],
        validate_choice=False,
    )
    note = TextAreaField("Note for colleagues", text(2000), description=_NO_HEALTH)
    currency = "usd"


@pages.route("/invoices/<invoice_id>/credit", methods=["GET", "POST"])
@performs(billing.credit, CreditForm)
def credit(form: CreditForm, invoice_id: str) -> Asked:
    invoice = Invoice.require(invoice_id)
    form.currency = invoice.currency
    return Asked(
        invoice_id,
        lambda: {
            "amount": form.amount.minor,
            "to_card": form.to_card.minor,
            "to_balance": form.to_balance.minor,
            "out_of_band": form.out_of_band.minor,
            "reason": form.reason.data,
            "note": form.note.data or "",
        },
        context={
            "invoice": invoice,
            "customer": Customer.get(invoice.customer_id) if invoice.customer_id else None,
            "subscription": Subscription.get(invoice.subscription_id) if invoice.subscription_id else None,
            "left": billing.creditable(invoice),
            "submit": "Credit it",
        },
        done=_SENT,
    )


def told(note: CreditNote) -> dict[str, Any]:
    return (
        common(note, acts_of(note))
        | {name: note.money(name).as_json for name in _MONEY}
        | {
            "external_id": note.external_id,
            "number": note.number,
            "invoice": f"/invoices/{note.invoice_id}" if note.invoice_id else None,
            "customer": f"/customers/{note.customer_id}" if note.customer_id else None,
            "reason": note.reason,
            "refunds": note.refunds,
            "by": note.by,
            "fetched_at": at(note.fetched_at),
        }
    )


def acts_of(note: CreditNote) -> Acts:
    invoice = Invoice.get(note.invoice_id) if note.invoice_id else None
    why_not = billing.why_not_void(note, invoice)
    return [act_on(note, "billing.void_credit", f"{note.url}/void_credit", "Void it", why_not=why_not)]


@pages.get("/credit-notes/<credit_note_id>")
@reads("invoices")
def show(credit_note_id: str) -> ResponseReturnValue:
    note = CreditNote.require(credit_note_id)
    looks = [note.status, note.fetched_at, audit.movement(note.id)]
    return live(looks, lambda: shown(note, lambda: told(note), "credit_notes/show.html", lambda: _page(note)))


def _page(note: CreditNote) -> dict[str, Any]:
    return _about(note) | {
        "one": note,
        "acts": acts_of(note),
        "reasons": billing.CREDIT_REASONS,
        "refund": Refund.by_external(note.refunds[0]) if note.refunds else None,
        "cases": cases.of(note.id),
        "timeline": happened(note),
    }


def _about(note: CreditNote) -> dict[str, Any]:
    return {
        "note": note,
        "invoice": Invoice.get(note.invoice_id) if note.invoice_id else None,
        "customer": Customer.get(note.customer_id) if note.customer_id else None,
    }


class VoidForm(Form):
    note = TextAreaField("Note for colleagues", text(2000), description=_NO_HEALTH)


@pages.route("/credit-notes/<credit_note_id>/void_credit", methods=["GET", "POST"])
@performs(billing.void_credit, VoidForm)
def void_credit(form: VoidForm, credit_note_id: str) -> Asked:
    context = _about(CreditNote.require(credit_note_id)) | {"submit": "Void it"}
    return Asked(credit_note_id, lambda: {"note": form.note.data or ""}, context=context, done=_SENT)
