"""Dropping the drafts of a subscription that ends: nobody would collect them, and nobody should have to clear them away.

Stripe deletes no draft of a subscription: it is finalised without being collected, and voided.
https://docs.stripe.com/invoicing/integration/workflow-transitions#deleted
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ...db import db
from ...models import Change, ChangeStatus, Invoice, InvoiceStatus, Promise
from .. import changes
from .._act import performing, tell_change, warn
from ._settle import changed
from ._stands import soon

asks_drop = changes.keeps("billing.drop", "billing.drop_draft", then=changed)


def drop_drafts(ending: Change, *, after: Promise | None = None) -> list[Change]:
    """In an act: have Stripe drop the drafts of the subscription that `ending` ends, once that is done (`after` its promise;
    None: it is). One that already follows `ending`, or of which Stripe is asked something else, is left as it is."""
    told = [change.invoice_id for change in _following(ending)]
    planned = []
    for invoice in _drafts(ending.subscription_id or ""):
        if invoice.id in told:
            continue
        if other := Change.now_of(invoice_id=invoice.id):
            warn(f"{invoice.titled} of {invoice.money('total')} stays: {other.says} is under way.")
        elif invoice.due <= 0 and invoice.total:
            # To be voided it must be finalised, and that moves the customer's balance for good.
            warn(
                f"{invoice.titled} of {invoice.money('total')} stays a draft and is never sent: voiding it would touch "
                "the customer's balance first."
            )
        elif invoice.due > 0:
            planned.append(_drop(invoice, ending, after))
    return planned


def keep_drafts(ending: Change) -> None:
    """In an act: what `ending` has planned is called off. Done later after all, it plans anew (`drop_drafts`)."""
    for change in _following(ending):
        if change.status == ChangeStatus.PLANNED:
            changes.call_off(Change.lock(change.id))
            change.details = {}


def _drop(invoice: Invoice, ending: Change, after: Promise | None) -> Change:
    money = invoice.money("total")
    tell_change(invoice, "status", invoice.status, InvoiceStatus.VOID.value)
    tell_change(invoice, "to be collected", str(invoice.money("due")), "nothing")
    if beside := _beside(invoice):
        warn(f"With the draft of {money} goes what stands on it beside the subscription: {beside}.")
    if after is not None and soon(invoice, performing().now, performing().undo):
        warn(
            f"The draft of {money} may go out before Stripe is asked. Hold it first, or refund what is paid."
        )
    return changes.plan(
        asks_drop,
        invoice=invoice,
        says=f"Stripe drops the draft of {money}",
        arguments={"invoice": invoice.external_id},
        reason=ending.reason,
        details={"follows": ending.id},
        after=after,
    )


def _beside(invoice: Invoice) -> str:
    """The lines that are not the subscription's own, in words."""
    others = [line for line in invoice.lines if not line["subscription_item"] and line["amount"]]
    return ", ".join(line["description"] or "a charge without words" for line in others[:5])


def _drafts(subscription_id: str) -> Sequence[Invoice]:
    """Locked, the oldest first."""
    query = select(Invoice).where(
        Invoice.subscription_id == subscription_id, Invoice.status == InvoiceStatus.DRAFT
    )
    return db.session.scalars(query.order_by(Invoice.created_at, Invoice.id).with_for_update()).all()


def _following(ending: Change) -> Sequence[Change]:
    query = select(Change).join(Invoice, Invoice.id == Change.invoice_id)
    query = query.where(Invoice.subscription_id == ending.subscription_id, Change.verb == asks_drop.name)
    return db.session.scalars(query.where(Change.details["follows"].astext == ending.id)).all()
