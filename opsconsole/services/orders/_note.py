"""Writing something down about an order."""

from __future__ import annotations

from ...models import Note, Order
from .. import notes
from .._act import act
from .._actor import Actor


@act(private=("text",))
def note(order_id: str, *, text: str, phi: bool, by: Actor) -> Note:
    """Write a note on an order; `@sam` tells sam. `phi`: it tells of somebody's health. Raises Invalid."""
    return notes.write(Order.require(order_id), text=text, phi=phi, by=by)
