"""A card that is not to be tried any more is not tried by Stripe either."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db
from ...models import Change, Dunning, DunningStatus, Invoice, InvoiceStatus
from ...models.change import UNDER_WAY
from .. import billing, changes
from .._act import act, concerns, say
from .._actor import Actor
from ._why import locked


def to_spare(limit: int = 200) -> list[str]:
    """Dunnings after a hard decline whose invoice Stripe would try again by itself, and was not asked yet not to."""
    asked = select(Change.id).where(
        Change.invoice_id == Dunning.invoice_id, (Change.verb == spares.name) | Change.status.in_(UNDER_WAY)
    )
    query = (
        select(Dunning.id)
        .join(Invoice, Invoice.id == Dunning.invoice_id)
        .where(
            Dunning.hard,
            Dunning.status == DunningStatus.RUNNING,
            Invoice.status == InvoiceStatus.OPEN,
            Invoice.next_try_at.is_not(None),
            ~asked.exists(),
        )
    )
    return list(db.session.scalars(query.order_by(Dunning.created_at, Dunning.id).limit(limit)))


@act(robots=("clock",))
def spare(dunning_id: str, *, by: Actor) -> Dunning:
    """Ask Stripe to try the card no more by itself. Its day of ending stays, and is ours."""
    dunning, invoice = locked(dunning_id)
    if dunning.running and dunning.hard and not Change.now_of(invoice_id=invoice.id):
        plan_sparing(invoice)
        say("The card is not to be tried any more: Stripe is asked to stop too")
    concerns(*dunning.related())
    return dunning


def plan_sparing(invoice: Invoice) -> Change:
    """In an act: have Stripe stop trying by itself."""
    return changes.plan(
        spares, invoice=invoice, says=f"Stop Stripe's own tries of {invoice.called_as}",
        arguments={"invoice": invoice.external_id},
    )  # fmt: skip


spares = changes.keeps("lifecycle.spare", "billing.stop_collecting", then=billing.changed)
