"""A replacement goes with its order, whoever moves that: pharmacy, carrier or people."""

from __future__ import annotations

from ...models import Order, OrderKind, OrderStatus, Replacement, ReplacementStatus, Shipment
from .. import cases, orders
from ._issue import NEEDS_RX

_O, _S = OrderStatus, ReplacementStatus
_ON_THEIR_WAY = {_O.AWAITING_PAYMENT, _O.READY, _O.SUBMITTED, _O.AT_PHARMACY}
_SETTLED = {
    "parcel_exception",
    "parcel_late",
    "parcel_came_back",
}  # cases of the first parcel that ask what comes next


@orders.when_moved
def follow(order: Order) -> None:
    """Bring the replacement up to where its order is, in the same commit."""
    if order.kind != OrderKind.REPLACEMENT or (known := Replacement.making(order)) is None:
        return
    replacement = Replacement.lock(known.id)
    for status in _leads_to(replacement, OrderStatus(order.status)):
        replacement.move_to(status)
    if replacement.status != _S.AWAITING_RX:
        cases.close_when_solved(NEEDS_RX, replacement.id, f"its order is {order.status.replace('_', ' ')}")
    if replacement.status in (_S.SHIPPED, _S.COMPLETED):
        for parcel in Shipment.of_order(replacement.order_id):
            cases.close_when_solved(_SETTLED, parcel.id, f"replaced by {order.reference}")


def _leads_to(replacement: Replacement, order: OrderStatus) -> list[ReplacementStatus]:
    """The statuses to go through; none for what is called off, or there already."""
    here = ReplacementStatus(replacement.status)
    waited = [_S.ORDER_CREATED] if here is _S.AWAITING_RX else []
    if not replacement.stands:
        return []
    if order in (_O.CANCELED, _O.REJECTED):
        return [_S.CANCELED] if here in (_S.AWAITING_RX, _S.ORDER_CREATED) else []
    if order in _ON_THEIR_WAY:
        return waited
    way = {
        _O.SHIPPED: [_S.SHIPPED],
        _O.DELIVERED: [_S.SHIPPED, _S.COMPLETED],
        _O.CLOSED: [_S.SHIPPED, _S.COMPLETED],
    }
    steps = [*waited, *way.get(order, [])] if order in way else []
    return steps[steps.index(here) + 1 :] if here in steps else [] if here is _S.COMPLETED else steps
