"""Writing something down about a customer."""

from __future__ import annotations

from ...models import Customer, Note
from .. import notes
from .._act import act
from .._actor import Actor


@act(private=("text",))
def note(customer_id: str, *, text: str, phi: bool, by: Actor) -> Note:
    """Write a note on a customer; `@sam` tells sam. `phi`: it tells of somebody's health. Raises Invalid."""
    return notes.write(Customer.require(customer_id), text=text, phi=phi, by=by)
