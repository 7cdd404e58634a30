"""What naming another pharmacy for an order means for its fills: what failed goes there at once; what lives is stopped
first, and goes there when its pharmacy has confirmed that, never before."""

from __future__ import annotations

from ...lib.refusal import Refused
from ...models import Fill, FillStatus, Order, Pharmacy
from .. import cases, orders
from .._act import concerns
from .._actor import Actor
from ._cancel import cancel
from ._choose import NO_PHARMACY, lines_of, named
from ._follow import could_not
from ._resend import resend, send_on
from ._submit import makes_good, only_by
from ._when_answered import when_freed
from ._why_not import why_not_cancel

FAILED = (FillStatus.ERROR, FillStatus.REJECTED)


def movable(fill: Fill) -> bool:
    """Can it go to another pharmacy, at once or when its own has stopped it?"""
    return fill.status in FAILED or why_not_cancel(fill) is None


def _check(order: Order, where: Pharmacy) -> None:
    named(order, lines_of(order).all, where.id)


def _move(order: Order, where: Pharmacy, by: Actor) -> int:
    """Send each fill that failed there; have each that lives stopped, to be sent there then. Raises SamePharmacy, and as
    `resend` and `cancel` do."""
    found = [fill for fill in Fill.of_order(order.id) if movable(fill)]
    for fill in found:
        if fill.pharmacy_id == where.id:
            raise orders.SamePharmacy(
                f"{where.name} has it, and could not fill it: resend it, or choose another one."
                if fill.status in FAILED
                else f"{where.name} has it already."
            )
        if fill.status in FAILED:
            resend(fill.id, pharmacy=where.id, by=by)
        else:
            _check(order, where)
            only_by(makes_good(order), where)
            cancel(fill.id, reason="other", by=by)
            fill.moves_to_id = where.id
    return len(found)


@when_freed
def _go_on(order: Order, fill: Fill) -> None:
    """Its pharmacy has stopped it: now it goes to the other one, if that may still have it."""
    to, fill.moves_to_id = str(fill.moves_to_id), None
    try:
        where, why = named(order, lines_of(order).all, to)
    except Refused as no:
        could_not(order, fill)
        words = f"Order {order.reference} was stopped to go to another pharmacy, and cannot: {no.message}"
        suggests = {
            "act": "orders.reroute",
            "url": f"{order.url}/reroute",
            "label": "Choose another pharmacy",
        }
        cases.open_case(NO_PHARMACY, order.id, says=words, suggests=suggests, about=fill.related())
        return
    send_on(fill, where, why)
    concerns(fill.id)


orders.reroutes(orders.Moving(_check, _move))
