"""Invoices: what is asked of a customer, and what happens to it next. What is done is in drafting and collecting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import SelectField, TextAreaField

from ..models import (
    Change,
    CreditNote,
    Customer,
    Dunning,
    Invoice,
    InvoiceHold,
    InvoiceStatus,
    OutsidePayment,
    Payment,
    Subscription,
)
from ..services import audit, billing, cases
from ..services.billing import Beside, Line
from ._browser import at, now
from ._fields import SelectChoice, required, text
from ._happened import happened
from ._listing import Acts, act_on, common, found, listed, shown
from ._live import PAGE, live
from ._masking import written
from ._reading import wants_json
from ._who import reads

pages = Blueprint("invoices", __name__)
_NO_HEALTH = "No health details: anybody in ops can read it."
# In the order in which a page offers them: verb -> its words.
VERBS = {
    "adjust": "Change lines",
    "hold": "Hold",
    "release": "Release",
    "finalise": "Send now",
    "collect": "Try the card now",
    "record_payment": "Record a payment",
    "credit": "Credit",
    "reissue": "Issue again",
    "void": "Void",
    "stop_collecting": "Stop collecting",
    "write_off": "Write off",
}
# Why Stripe made it: https://docs.stripe.com/api/invoices/object#invoice_object-billing_reason
BILLING_REASONS = {
    "subscription_cycle": "Renewal",
    "subscription_create": "First of a subscription",
    "subscription_update": "A subscription was changed",
    "subscription_threshold": "A threshold was reached",
    "manual": "Made by hand",
    "upcoming": "Preview",
}
MONEY = (
    "subtotal", "tax", "total", "due", "paid", "remaining", "starting_balance", "credited_before", "credited_after",
)  # fmt: skip


class Read:
    """What is told of several invoices beside themselves, read for all of them at once."""

    def __init__(self, invoices: Sequence[Invoice]) -> None:
        self.beside = billing.beside(invoices)
        self.lines = billing.lines_of(invoices)
        self.notes = CreditNote.of_invoices([one.id for one in invoices])
        paid = Payment.by_externals([id for invoice in invoices for id in invoice.payments])
        self.payments = {payment.external_id: payment for payment in paid}

    def payments_of(self, invoice: Invoice) -> Sequence[Payment]:
        return [self.payments[id] for id in invoice.payments if id in self.payments]


def told(invoice: Invoice, read: Read) -> dict[str, Any]:
    known = read.beside[invoice.id]
    return (
        common(invoice, acts_of(invoice, known))
        | {name: invoice.money(name).as_json for name in MONEY}
        | {
            "external_id": invoice.external_id,
            "raw_status": invoice.raw_status,
            "number": invoice.number,
            "billing_reason": invoice.billing_reason,
            "customer": f"/customers/{invoice.customer_id}" if invoice.customer_id else None,
            "subscription": f"/subscriptions/{invoice.subscription_id}" if invoice.subscription_id else None,
            "currency": invoice.currency,
            "ending_balance": invoice.money("ending_balance").as_json,
            "lines": [_line_told(line) for line in read.lines[invoice.id]],
            "lines_complete": invoice.lines_complete,
            "auto_advance": invoice.auto_advance,
            "held": invoice.held,
            "hold": _hold_told(known.hold) if known.hold else None,
            "tried": invoice.tried,
            "out_of_band": invoice.out_of_band,
            "tax_status": invoice.tax_status,
            "error_code": invoice.error_code,
            "error_words": written(invoice.error_words),
            "payments": [payment.url for payment in read.payments_of(invoice)],
            "credit_notes": [one.url for one in read.notes.get(invoice.id, ())],
            "replaces": known.replaces.url if known.replaces else None,
            "replaced_by": known.replaced_by.url if known.replaced_by else None,
        }
        | {name: at(getattr(invoice, name)) for name in _INSTANTS}
    )


_INSTANTS = (
    "finalizes_at", "finalized_at", "paid_at", "voided_at", "due_at", "next_try_at", "period_start", "period_end",
    "fetched_at",
)  # fmt: skip


def _line_told(line: Line) -> dict[str, Any]:
    return {
        "line": line.id, "amount": line.money.as_json, "description": line.description, "quantity": line.quantity,
        "source": line.source, "change": line.change.url if line.change else None,
        "batch": line.batch.url if line.batch else None,
        "period_start": at(line.period_start), "period_end": at(line.period_end),
    }  # fmt: skip


def _hold_told(hold: InvoiceHold) -> dict[str, Any]:
    return {
        "reason": hold.reason, "note": written(hold.note), "by": hold.by, "since": at(hold.created_at),
        "until": at(hold.until),
    }  # fmt: skip


def acts_of(invoice: Invoice, known: Beside) -> Acts:
    """What may be done with it; while Stripe is being asked for something, nothing else."""
    busy = f"{known.doing.says}: wait until that is done, or undo it." if known.doing else None
    return [
        act_on(
            invoice,
            f"billing.{verb}",
            f"{invoice.url}/{verb}",
            label,
            why_not=billing.why_not(verb, invoice, known) or busy,
        )
        for verb, label in VERBS.items()
    ]


@pages.get("/invoices")
@reads("invoices", billing.LIST)
def list() -> ResponseReturnValue:
    page = found()
    read = Read(page.items if wants_json() else [])
    context = {"statuses": InvoiceStatus, "reasons": BILLING_REASONS, "next_of": next_of}
    return listed(page, lambda invoice: told(invoice, read), "invoices/list.html", **context)


def next_of(row: Any) -> tuple[str, Any]:
    """What happens to it next: words, and when, where that is known. `row` is an invoice, or its row in the list."""
    if row.status == InvoiceStatus.DRAFT:
        if row.error_code or row.tax_status not in (None, "complete"):
            return "cannot be sent", None
        if not row.auto_advance:
            return "held", None
        return "goes out", row.finalizes_at
    if row.status == InvoiceStatus.OPEN:
        if not row.auto_advance and not row.due_at:
            return "nobody collects it", None
        if row.next_try_at:
            return "card is tried again" if row.tried else "card is tried", row.next_try_at
        return ("is due", row.due_at) if row.due_at else ("waits for its payment", None)
    return "", None


@pages.get("/invoices/<invoice_id>")
@reads("invoices")
def show(invoice_id: str) -> ResponseReturnValue:
    invoice = Invoice.require(invoice_id)
    doing = Change.now_of(invoice_id=invoice.id)
    looks = [
        invoice.status, invoice.fetched_at, audit.movement(invoice.id), doing and [doing.id, doing.status],
        bool(invoice.finalizes_at and invoice.finalizes_at <= now()),
    ]  # fmt: skip
    return live(
        looks,
        lambda: shown(
            invoice, lambda: told(invoice, Read([invoice])), "invoices/show.html", lambda: _page(invoice)
        ),
        every=PAGE,
        final=invoice.final and doing is None,
    )


def _page(invoice: Invoice) -> dict[str, Any]:
    read = Read([invoice])
    known = read.beside[invoice.id]
    return _about(invoice) | {
        "lines": read.lines[invoice.id],
        "hold": known.hold,
        "stuck": billing.stuck_words(invoice),
        "reason": BILLING_REASONS.get(invoice.billing_reason or ""),
        "next": next_of(invoice),
        "doing": known.doing,
        "replaces": known.replaces,
        "replaced_by": known.replaced_by,
        "payments": read.payments_of(invoice),
        "outside": OutsidePayment.of_invoice(invoice.id),
        "credit_notes": CreditNote.of_invoice(invoice.id),
        "changes": Change.of_invoice(invoice.id, limit=10),
        "acts": acts_of(invoice, known),
        "dunning": Dunning.of_invoice(invoice.id),
        "cases": cases.of(invoice.id),
        "timeline": happened(invoice),
    }


def _about(invoice: Invoice) -> dict[str, Any]:
    return {
        "invoice": invoice,
        "customer": Customer.get(invoice.customer_id) if invoice.customer_id else None,
        "subscription": Subscription.get(invoice.subscription_id) if invoice.subscription_id else None,
    }


def context_of(invoice_id: str, submit: str) -> dict[str, Any]:
    """What the page of an act about an invoice shows; `submit` is what its button says."""
    return _about(Invoice.require(invoice_id)) | {"submit": submit}


SENT = "Stripe is asked in a minute; until then you can undo it."


def reason_field(choices: Mapping[str, str]) -> SelectField:
    """Why, chosen by its words."""
    return SelectField(
        "Reason",
        required("Choose why."),
        choices=[
            SelectChoice("", "Choose…"),
            *(SelectChoice(code, words) for code, words in choices.items()),
        ],
        validate_choice=False,
    )


def note_field() -> TextAreaField:
    """What colleagues should know of it."""
    return TextAreaField("Note for colleagues", text(2000), description=_NO_HEALTH)
