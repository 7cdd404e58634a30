"""An order that a pharmacy has is canceled: each of its fills that is alive is asked to stop."""

from __future__ import annotations

from ...models import Fill, FillStatus, Order
from .. import orders
from .._actor import Actor
from ._cancel import cancel

_F = FillStatus
_NOT_ASKED = (_F.CANCELED, _F.WITHDRAWN, _F.SHIPPED, _F.CANCEL_REQUESTED)
# An order's reasons (orders.REASONS) in the words that a pharmacy is told.
_TOLD = {
    "customer_request": "customer_asked",
    "duplicate": "duplicate",
    "not_prescribed": "clinician_asked",
    "mistake": "wrong_order",
}


@orders.asks_to_stop
def ask_to_stop(order: Order, reason: str, by: Actor) -> None:
    """Raises NotCancelable when it is not known yet whether a pharmacy has one of them."""
    for fill in Fill.of_order(order.id)[::-1]:
        if fill.status not in _NOT_ASKED:
            cancel(fill.id, reason=_TOLD.get(reason, "other"), by=by)
