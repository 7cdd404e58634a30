"""What others do and say when a customer's parcels go elsewhere. They stand above this noun, so they register here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...models import Customer, Order, ShipTo
from .._actor import Actor

Move = Callable[[str, ShipTo, Actor], bool]
Licences = Callable[[Customer, ShipTo, Order | None], Sequence[str]]
_moves: list[Move] = []
_licences: list[Licences] = []


def moves_orders(move: Move) -> Move:
    """Mark what sends an order, by its id, to another address. False: it ships there already. It refuses by raising."""
    _moves.append(move)
    return move


def tells_licences(licences: Licences) -> Licences:
    """Mark what says which licences lack for what ships to an address: of one order, or of all that the customer is
    prescribed. A sentence each."""
    _licences.append(licences)
    return licences


def move_order(order_id: str, ship_to: ShipTo, by: Actor) -> bool:
    """Send an order elsewhere; False when it ships there already."""
    moved = [move(order_id, ship_to, by) for move in _moves]
    return any(moved)


def other_state(
    customer: Customer, before: ShipTo | None, after: ShipTo, order: Order | None = None
) -> str | None:
    """What to know before parcels go to another state: whose licence lacks there. None in the same state."""
    if before is None or before.state == after.state:
        return None
    lacks = [sentence for licences in _licences for sentence in licences(customer, after, order)]
    told = " ".join(lacks) or "Nobody’s licence is missing there."
    what = f"Order {order.reference}: " if order else ""
    return f"{what}{after.state} instead of {before.state}. {told}"
