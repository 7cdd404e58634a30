"""Another address for what was not handed to the pharmacy yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from ...db import db
from ...lib.refusal import Refused
from ...models import UNSHIPPED, Order, ShipTo
from .. import customers
from .._act import act, say, warn
from .._actor import Actor
from ._check_address import have_checked
from ._gone import given_back, gone, in_our_hands, locked, too_late


class NotReaddressable(Refused):
    """It left our hands, or is over."""


class SameAddress(Refused):
    """It ships there already."""


@act
def readdress(order_id: str, *, ship_to: ShipTo, by: Actor) -> Order:
    """Ship an order to another address. The customer's own address stays as it is, and so do other orders.

    Only before it was handed to the pharmacy, or once every pharmacy has let go of it. What a change of state means
    for licences is told, not refused; the new address is checked. Raises NotReaddressable, SameAddress.
    """
    order = locked(order_id)
    if not (in_our_hands(order) or given_back(order)):
        raise NotReaddressable(too_late(order, "sent elsewhere"))
    before = order.ships_to
    if before == ship_to:
        raise SameAddress("It ships to that address already.")
    order.ship_to = ship_to.as_json
    if odd := customers.other_state(order.customer, before, ship_to, order):
        warn(odd)
    have_checked(order)
    say(f"Order {order.reference} ships to another address")
    return order


@customers.moves_orders
def _move(order_id: str, ship_to: ShipTo, by: Actor) -> bool:
    if Order.require(order_id).ships_to == ship_to:
        return False
    readdress(order_id, ship_to=ship_to, by=by)
    return True


@dataclass(frozen=True)
class Unshipped:
    """An order that has not left yet; `too_late` says why its address cannot be changed any more, None while it can."""

    order: Order
    too_late: str | None


def unshipped(customer_id: str) -> Sequence[Unshipped]:
    """A customer's orders that have not left, the newest first; of those of years ago none matters."""
    query = select(Order).where(Order.customer_id == customer_id, Order.status.in_(UNSHIPPED))
    found = db.session.scalars(query.order_by(Order.placed_at.desc(), Order.id.desc()).limit(50))
    return [Unshipped(order, gone(order)) for order in found]
