"""Where an order has left our hands, and the words for what cannot be done any more."""

from __future__ import annotations

from collections.abc import Callable

from ...models import Customer, Fill, FillStatus, Hold, Order, OrderStatus

_S = OrderStatus
TakesBack = Callable[[Order], None]
_taking_back: list[TakesBack] = []
# Nothing of it went to a pharmacy yet: whatever is done now, nobody outside has to be asked.
BEFORE_HAND_OVER = frozenset(
    {_S.DRAFT, _S.AWAITING_VISIT, _S.IN_REVIEW, _S.AWAITING_RX, _S.AWAITING_PAYMENT, _S.READY}
)
_WHY = {
    _S.SUBMITTED: "It went to the pharmacy already, who is asked to stop on its fill, or by canceling the order",
    _S.AT_PHARMACY: "The pharmacy is preparing it and is asked to stop on its fill, or by canceling the order",
    _S.SHIPPED: "It is on its way",
    _S.DELIVERED: "It arrived",
    _S.CLOSED: "It arrived, and is closed",
    _S.RETURNED: "The parcel came back",
    _S.CANCELED: "It was canceled",
    _S.REJECTED: "A clinician declined it",
    _S.ON_HOLD: "Somebody holds it",
    _S.MANUAL_INTERVENTION: "It cannot go on by itself: see its case",
}


def gone(order: Order) -> str | None:
    """Why it cannot be kept back, called off or sent elsewhere any more; None while it can."""
    return None if in_our_hands_still(order) else too_late(order, "changed")


def in_our_hands_still(order: Order) -> bool:
    """Has nothing of it gone to a pharmacy, as far as its status tells?"""
    return order.status in BEFORE_HAND_OVER or order.status == OrderStatus.ON_HOLD


def too_late(order: Order, done: str) -> str:
    """Why an order cannot be "held", "canceled" … now."""
    return f"{_WHY.get(_S(order.status), order.state.help.rstrip('.'))}: it cannot be {done} any more."


def takes_back(take_back: TakesBack) -> TakesBack:
    """Mark what is asked of an order that is to be held, canceled or sent elsewhere: it takes back what is planned
    and was not sent, and refuses by raising where that is too late."""
    _taking_back.append(take_back)
    return take_back


def locked(order_id: str) -> Order:
    """The order, locked after its customer."""
    Customer.lock(Order.require(order_id).customer_id)
    return Order.lock(order_id)


def given_back(order: Order) -> bool:
    """Has every pharmacy that was asked let go of it? Then nobody outside holds it, though it does not go on by itself."""
    over = (FillStatus.ERROR, FillStatus.REJECTED, FillStatus.CANCELED, FillStatus.WITHDRAWN)
    fills = Fill.of_order(order.id) if order.status == _S.MANUAL_INTERVENTION else []
    return bool(fills) and all(fill.status in over for fill in fills)


def in_our_hands(order: Order) -> bool:
    """Is nothing of it outside? What was only planned is taken back."""
    if order.status not in BEFORE_HAND_OVER and not Hold.on(order.id):
        return False
    for take_back in _taking_back:
        take_back(order)
    return True
