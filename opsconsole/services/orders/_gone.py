"""Where an order has left our hands, and the words for what cannot be done any more."""

from __future__ import annotations

from ...models import Order, OrderStatus

_S = OrderStatus
# Nothing of it went to a pharmacy yet: whatever is done now, nobody outside has to be asked.
BEFORE_HAND_OVER = frozenset(
    {_S.DRAFT, _S.AWAITING_VISIT, _S.IN_REVIEW, _S.AWAITING_RX, _S.AWAITING_PAYMENT, _S.READY}
)
_WHY = {
    _S.SUBMITTED: "It went to the pharmacy already",
    _S.AT_PHARMACY: "The pharmacy is preparing it",
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
    may = order.status in BEFORE_HAND_OVER or order.status == OrderStatus.ON_HOLD
    return None if may else too_late(order, "changed")


def too_late(order: Order, done: str) -> str:
    """Why an order cannot be "held", "canceled" … now."""
    return f"{_WHY.get(_S(order.status), order.state.help.rstrip('.'))}: it cannot be {done} any more."
