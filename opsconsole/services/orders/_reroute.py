"""Naming the pharmacy of one order, whatever the rules say; or moving what another pharmacy has, or could not fill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...lib.refusal import Invalid, Refused
from ...models import Order, Pharmacy
from .._act import act, say
from .._actor import Actor
from ._gone import in_our_hands, in_our_hands_still, locked, too_late

# Nothing is typed, so no health detail can slip in.
REROUTES = {
    "stock": "It is out of stock, or runs low, where it would go",
    "late": "It takes too long where it would go",
    "cost": "It costs too much where it would go",
    "trouble": "The pharmacy has trouble with it",
    "customer_asked": "The customer asked for it",
    "other": "Something else",
}


class NotReroutable(Refused):
    """A pharmacy has it, or may have it; or it is over."""


class SamePharmacy(Refused):
    """It goes there already."""


@dataclass(frozen=True)
class Moving:
    """What those do who know of fills: they stand above orders. `check` raises when a pharmacy cannot fill an order; `move`
    sends what failed to another one, has stopped what lives so that it goes there then, and tells how much that was."""

    check: Callable[[Order, Pharmacy], None]
    move: Callable[[Order, Pharmacy, Actor], int]


_moving: list[Moving] = []


def reroutes(moving: Moving) -> None:
    """Say how fills are checked and moved."""
    _moving.append(moving)


@act
def reroute(order_id: str, *, pharmacy: str | None, reason: str, by: Actor) -> Order:
    """Have an order filled at another pharmacy, an id or URL. Before it was handed over, the order keeps that pharmacy
    whatever the rules say; None leaves it to the rules again. Later, what a pharmacy could not fill is sent to this one;
    what it makes up, it is asked to stop, and this one gets it only when it has.

    `reason` is a code of REROUTES. Never makes a second copy. Raises NotReroutable, SamePharmacy, Invalid, and what
    fills.resend raises.
    """
    if reason not in REROUTES:
        raise Invalid({"reason": [f"Choose one of: {', '.join(REROUTES)}."]})
    order = locked(order_id)
    where = _pharmacy(pharmacy)
    if in_our_hands(order):
        _keep_to(order, where, reason, by)
        return order
    if where is None:
        raise Invalid({"pharmacy": ["Choose a pharmacy: the rules decide only before it is handed over."]})
    if not sum(one.move(order, where, by) for one in _moving):
        raise NotReroutable(too_late(order, "sent to another pharmacy"))
    say(f"Order {order.reference} goes to {where.name} as soon as no copy of it lives elsewhere")
    return order


def why_not_reroute(order: Order, *, movable: bool) -> str | None:
    """Why an order cannot be rerouted now. `movable`: it has a fill that can go to another pharmacy."""
    return None if movable or in_our_hands_still(order) else too_late(order, "sent to another pharmacy")


def _pharmacy(named: str | None) -> Pharmacy | None:
    if not named:
        return None
    if (found := Pharmacy.get(named.rsplit("/", 1)[-1])) is None:
        raise Invalid({"pharmacy": ["There is no such pharmacy."]})
    return found


def _keep_to(order: Order, where: Pharmacy | None, reason: str, by: Actor) -> None:
    if order.pharmacy_id == (where.id if where else None):
        raise SamePharmacy(f"It goes to {where.name} already." if where else "The rules decide already.")
    if where is None:
        order.pharmacy_id = order.pharmacy_why = None
        say(f"Where order {order.reference} goes is left to the rules")
        return
    for one in _moving:
        one.check(order, where)
    order.pharmacy_id = where.id
    order.pharmacy_why = f"{by.label}: {REROUTES[reason][0].lower()}{REROUTES[reason][1:]}"
    say(f"Order {order.reference} goes to {where.name}: {order.pharmacy_why}")
