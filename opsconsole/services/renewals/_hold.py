"""The charge is held, not the patient: while no prescription covers a subscription, its drafts do not go out."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ...db import db
from ...models import (
    Change,
    Effective,
    Invoice,
    InvoiceHold,
    InvoiceHoldReason,
    InvoiceStatus,
    Subscription,
)
from .. import billing
from .._act import act, concerns, say
from .._actor import CONSOLE, Actor

_WHY = "No prescription covers it. It goes out by itself once one does."
_REASON = InvoiceHoldReason.PRESCRIPTION.value


@billing.when_moved
def hold_uncovered(invoice: Invoice) -> None:
    """A draft of a subscription that no prescription covers is held as soon as we hear of it, once: what a person has
    released stays released, and the guard against harm has the last word."""
    if invoice.status != InvoiceStatus.DRAFT or not invoice.auto_advance or not invoice.subscription_id:
        return
    db.session.flush()
    one = Subscription.get(invoice.subscription_id)
    if one is None or one.effective != Effective.BLOCKED or Change.now_of(invoice_id=invoice.id):
        return
    held = select(InvoiceHold.id).where(
        InvoiceHold.invoice_id == invoice.id,
        (InvoiceHold.reason == _REASON) | InvoiceHold.released_at.is_(None),
    )
    if db.session.scalar(held.limit(1)) is None:
        billing.place(invoice, _REASON, None, note=_WHY, by=CONSOLE)


def unheld(limit: int = 100) -> Sequence[str]:
    """Drafts of subscriptions that are not covered any more since they were taken in."""
    held = select(InvoiceHold.id).where(InvoiceHold.invoice_id == Invoice.id, InvoiceHold.reason == _REASON)
    query = (
        select(Invoice.id)
        .join(Subscription, Subscription.id == Invoice.subscription_id)
        .where(
            Subscription.effective == Effective.BLOCKED.value,
            Invoice.status == InvoiceStatus.DRAFT.value,
            Invoice.auto_advance,
            ~held.exists(),
        )
    )
    found = db.session.scalars(query.limit(limit)).all()
    db.session.rollback()
    return found


def covered(limit: int = 100) -> Sequence[str]:
    """Holds of ours that nothing asks for any more: a prescription covers the subscription again."""
    query = (
        select(InvoiceHold.id)
        .join(Invoice, Invoice.id == InvoiceHold.invoice_id)
        .join(Subscription, Subscription.id == Invoice.subscription_id)
        .where(
            InvoiceHold.released_at.is_(None),
            InvoiceHold.reason == _REASON,
            InvoiceHold.by_id == CONSOLE.id,
            Subscription.effective != Effective.BLOCKED.value,
        )
    )
    found = db.session.scalars(query.limit(limit)).all()
    db.session.rollback()
    return found


@act(robots=("clock",))
def hold_charge(invoice_id: str, *, by: Actor) -> Invoice:
    """Hold a draft whose prescription went away after it came."""
    invoice = billing.locked(invoice_id)
    hold_uncovered(invoice)
    concerns(*invoice.related())
    say(f"{invoice.called_as} is held: no prescription covers it")
    return invoice


@act(robots=("clock",))
def let_charge_go(hold_id: str, *, by: Actor) -> Change | None:
    """A prescription covers it again: what was held for want of one goes out by itself."""
    invoice = billing.locked(InvoiceHold.require(hold_id).invoice_id)
    standing = InvoiceHold.lock(hold_id)
    concerns(*invoice.related())
    if standing.released_at or Change.now_of(invoice_id=invoice.id) or not invoice.held:
        say("It is being dealt with")
        return None
    say(f"{invoice.called_as} goes out by itself again: a prescription covers it")
    return billing.let_it_go(invoice)
