"""Shipping to an address that nobody vouches for: somebody decides, and it is written down who and why."""

from __future__ import annotations

from ...lib.refusal import Invalid, Refused
from ...models import AddressVerdict, Order
from .. import cases
from .._act import act, performing, say, warn
from .._actor import Actor
from ._check_address import NOT_FOUND, NoAddress
from ._gone import gone, locked

# Why, in the words people choose from.
ACCEPTED = {
    "customer_confirmed": "The customer confirmed that it is right",
    "delivered_before": "Parcels arrived there before",
    "new_building": "The building is too new for the lists",
    "rural": "A rural route or a box that the lists do not have",
    "campus_or_base": "A campus or a base with its own post room",
    "other": "Something else",
}
OPEN_TO_IT = (AddressVerdict.UNCHECKED, AddressVerdict.UNVERIFIABLE)


class NothingToAccept(Refused):
    """The address is good, or was accepted."""


class AddressGone(Refused):
    """It left our hands."""


@act
def accept_address(order_id: str, *, reason: str, by: Actor) -> Order:
    """Ship to an order's address though it was not verified: the order, its fill and the audit say who has accepted it
    and why. Another address is checked anew. Raises NoAddress, NothingToAccept, AddressGone, Invalid.
    """
    if reason not in ACCEPTED:
        raise Invalid({"reason": [f"Choose one of: {', '.join(ACCEPTED)}."]})
    order = locked(order_id)
    if why_not := why_not_accept(order):
        raise (NoAddress if order.ship_to is None else AddressGone if gone(order) else NothingToAccept)(
            why_not
        )
    if order.address_verdict == AddressVerdict.UNCHECKED:
        warn("Nobody has checked this address yet.")
    order.address_verdict = AddressVerdict.OVERRIDDEN.value
    order.address_says = ACCEPTED[reason]
    order.address_by, order.address_at = by.label, performing().now
    cases.close_when_solved(NOT_FOUND, order.id, "the address was accepted")
    say(
        f"Accepted the address of order {order.reference} unverified: {ACCEPTED[reason][0].lower()}{ACCEPTED[reason][1:]}"
    )
    return order


def why_not_accept(order: Order) -> str | None:
    """Why there is nothing to accept; None when there is."""
    if order.ship_to is None:
        return "Nobody told where it ships."
    if order.address_verdict == AddressVerdict.OVERRIDDEN:
        return f"{order.address_by} has accepted it already."
    if order.address_verdict not in OPEN_TO_IT:
        return "Mail reaches this address: there is nothing to accept."
    return gone(order)
