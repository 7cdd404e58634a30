"""Taking in an invoice as Stripe holds it: the only way in which one changes here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from ...db import db
from ...lib.refusal import NotFound
from ...models import AdjustmentBatch, Change, Customer, Invoice, InvoiceStatus, Subscription
from ...vendors.billing import InvoiceFacts, InvoiceLineFacts, InvoiceState
from .. import cases
from ._not_finalised import NOT_FINALISED, stuck_words
from ._standing_holds import follow_hold

_STATUS = {state: InvoiceStatus(state.value) for state in InvoiceState}
Moved = Callable[[Invoice], None]
_MOVED: list[Moved] = []
_UNKNOWN_WORD = "vendor_status_unknown"
_AS_THEY_ARE = (
    "raw_status", "number", "billing_reason", "currency", "subtotal", "tax", "total", "due", "paid", "remaining",
    "starting_balance", "ending_balance", "lines_complete", "auto_advance", "finalizes_at", "finalized_at",
    "paid_at", "voided_at", "due_at", "next_try_at", "tried", "out_of_band", "tax_status", "error_code", "period_start",
    "period_end",
)  # fmt: skip


def when_moved(follows: Moved) -> Moved:
    """Have `follows` told of each invoice that was taken in, in the same commit."""
    _MOVED.append(follows)
    return follows


def mirror_invoice(facts: InvoiceFacts, fetched_at: datetime) -> Invoice:
    """Bring our invoice up to what Stripe says, in the act under way; one that we do not know is made.

    An older fetch never overwrites a newer one. An invoice of a customer whom we do not know is kept all the same, and tied
    once we do. Raises NotFound for a deleted draft that was never here.
    """
    invoice = _locked(facts, fetched_at)
    if fetched_at < invoice.fetched_at:
        return invoice
    invoice.fetched_at = fetched_at
    if facts.state is InvoiceState.DELETED:
        invoice.raw_status, invoice.auto_advance, invoice.finalizes_at = facts.raw_status[:60], False, None
    else:
        _copy(invoice, facts)
        _tie(invoice, facts)
    invoice.move_to(_STATUS[facts.state])
    follow_hold(invoice)
    _watch(invoice, facts)
    for follows in _MOVED:
        follows(invoice)
    return invoice


def _locked(facts: InvoiceFacts, fetched_at: datetime) -> Invoice:
    if known := Invoice.by_external(facts.id):
        return Invoice.lock(known.id)
    if facts.state is InvoiceState.DELETED:
        raise NotFound(f"There is no invoice {facts.id}.")
    # An event and the answer to a call of ours may both bring it first.
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"invoice {facts.id}", 0))))
    if known := Invoice.by_external(facts.id):
        return Invoice.lock(known.id)
    return Invoice(
        status=_STATUS[facts.state],
        external_id=facts.id,
        created_at=facts.created_at,
        fetched_at=fetched_at,
        currency=facts.currency,
        credited_before=0,
        credited_after=0,
        lines=[],
        payments=[],
        **dict.fromkeys(("subtotal", "tax", "total", "due", "paid", "remaining", "starting_balance"), 0),
    ).add()


def _copy(invoice: Invoice, facts: InvoiceFacts) -> None:
    for name in _AS_THEY_ARE:
        setattr(invoice, name, getattr(facts, name))
    invoice.raw_status = facts.raw_status[:60]
    invoice.error_words = facts.error_words[:500] if facts.error_words else None
    invoice.credited_before, invoice.credited_after = facts.pre_payment_credit, facts.post_payment_credit
    invoice.external_customer, invoice.external_subscription = facts.customer, facts.subscription
    invoice.payments = [*facts.payments]
    invoice.lines = [_line(line) for line in facts.lines]


def _line(line: InvoiceLineFacts) -> dict[str, Any]:
    named = line.tags.get("opsconsole_subject", "")
    return {
        "id": line.id,
        "amount": line.amount,
        "description": line.description,
        "quantity": line.quantity,
        "price": line.price,
        "item": line.item,
        "subscription_item": line.subscription_item,
        "proration": line.proration,
        "period_start": line.period_start.isoformat() if line.period_start else None,
        "period_end": line.period_end.isoformat() if line.period_end else None,
        "change": named if named.startswith((f"{Change.PREFIX}_", f"{AdjustmentBatch.PREFIX}_")) else None,
    }


def _tie(invoice: Invoice, facts: InvoiceFacts) -> None:
    """What it belongs to, as far as we know that by now."""
    if invoice.customer_id is None and facts.customer:
        customer = Customer.by_external("stripe", facts.customer)
        invoice.customer_id = customer.id if customer else None
    if invoice.subscription_id is None and facts.subscription:
        subscription = Subscription.by_external(facts.subscription)
        invoice.subscription_id = subscription.id if subscription else None
    replaces = facts.tags.get("opsconsole_replaces")
    if invoice.replaces_id is None and replaces:
        replaced = Invoice.by_external(replaces) or Invoice.get(replaces)
        invoice.replaces_id = replaced.id if replaced else None


def _watch(invoice: Invoice, facts: InvoiceFacts) -> None:
    if facts.state is InvoiceState.UNKNOWN:
        says = f"Stripe calls this invoice “{facts.raw_status}”, a word we do not know."
        cases.open_case(_UNKNOWN_WORD, invoice.id, says=says, about=invoice.related())
    else:
        cases.close_when_solved(_UNKNOWN_WORD, invoice.id, "Stripe uses a word we know again")
    stuck = stuck_words(invoice)
    if stuck is None:
        cases.close_when_solved(NOT_FINALISED, invoice.id, "nothing keeps it any more")
        return
    cases.open_case(
        NOT_FINALISED,
        invoice.id,
        says=f"{stuck.what} {stuck.todo}",
        suggests=stuck.suggests(invoice),
        about=invoice.related(),
    )
