"""Calling an order off before it goes to the pharmacy. Money is given back by a refund, which is another act."""

from __future__ import annotations

from ...lib.money import Money
from ...lib.refusal import Invalid, Refused
from ...models import Hold, HoldStatus, Order, OrderStatus
from .. import cases, payments
from .._act import act, say, warn
from .._actor import Actor
from ._check_address import NOT_FOUND
from ._gone import in_our_hands, locked, too_late
from ._hold import OVERDUE

# Why, in the words people choose from.
REASONS = {
    "customer_request": "The customer does not want it any more",
    "duplicate": "It was ordered twice",
    "fraud": "It is fraud",
    "out_of_stock": "It cannot be delivered",
    "not_prescribed": "It was not prescribed",
    "mistake": "It was recorded by mistake",
    "other": "Something else",
}


class NotCancelable(Refused):
    """It left our hands, or is over."""


@act
def cancel(order_id: str, *, reason: str, by: Actor) -> Order:
    """Call an order off: nothing of it will be sent. What was paid stays until it is refunded, and the preview says how
    much that is. What was to be collected from a card is not. Only before it was handed to the pharmacy. Raises
    NotCancelable, BeingCharged, Invalid.
    """
    if reason not in REASONS:
        raise Invalid({"reason": [f"Choose one of: {', '.join(REASONS)}."]})
    order = locked(order_id)
    if not in_our_hands(order):
        raise NotCancelable(too_late(order, "canceled"))
    payments.call_off(order)
    if standing := Hold.on(order.id):
        Hold.lock(standing.id).move_to(HoldStatus.CANCELED)
        cases.close_when_solved(OVERDUE, order.id, "canceled")
    cases.close_when_solved(NOT_FOUND, order.id, "canceled")
    order.move_to(OrderStatus.CANCELED)
    if left := sum(paid.left.refundable for paid in order.paid()):
        warn(f"{Money(left, order.currency)} of it was paid and stays with us: refund it as well.")
    say(f"Canceled order {order.reference}: {REASONS[reason][0].lower()}{REASONS[reason][1:]}")
    return order
