"""Another address for what was not handed to the pharmacy yet."""

from __future__ import annotations

from ...lib.refusal import Refused
from ...models import Order, ShipTo
from .._act import act, say, warn
from .._actor import Actor
from ._gone import in_our_hands, locked, too_late


class NotReaddressable(Refused):
    """It left our hands, or is over."""


class SameAddress(Refused):
    """It ships there already."""


@act
def readdress(order_id: str, *, ship_to: ShipTo, by: Actor) -> Order:
    """Ship an order to another address. The customer's own address stays as it is, and so do other orders.

    Only before it was handed to the pharmacy. Raises NotReaddressable, SameAddress.
    """
    order = locked(order_id)
    if not in_our_hands(order):
        raise NotReaddressable(too_late(order, "sent elsewhere"))
    before = order.ships_to
    if before == ship_to:
        raise SameAddress("It ships to that address already.")
    order.ship_to = ship_to.as_json
    if before and before.state != ship_to.state:
        warn(
            f"{ship_to.state} instead of {before.state}: the clinician and the pharmacy must be licensed there."
        )
    say(f"Order {order.reference} ships to another address")
    return order
