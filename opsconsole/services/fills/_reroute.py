"""What naming another pharmacy for an order means for its fills."""

from __future__ import annotations

from ...models import Fill, FillStatus, Order, Pharmacy
from .. import orders
from .._actor import Actor
from ._choose import lines_of, named
from ._resend import resend

FAILED = (FillStatus.ERROR, FillStatus.REJECTED)


def _check(order: Order, where: Pharmacy) -> None:
    named(order, lines_of(order).all, where.id)


def _move(order: Order, where: Pharmacy, by: Actor) -> int:
    """Send each fill that failed there. Raises SamePharmacy, and as `resend` does."""
    failed = [fill for fill in Fill.of_order(order.id) if fill.status in FAILED]
    for fill in failed:
        if fill.pharmacy_id == where.id:
            raise orders.SamePharmacy(
                f"{where.name} has it, and could not fill it: resend it, or choose another one."
            )
        resend(fill.id, pharmacy=where.id, by=by)
    return len(failed)


orders.reroutes(orders.Moving(_check, _move))
