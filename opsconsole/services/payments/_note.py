"""Writing something down about a payment."""

from __future__ import annotations

from ...models import Note, Payment
from .. import notes
from .._act import act
from .._actor import Actor


@act(private=("text",))
def note(payment_id: str, *, text: str, phi: bool, by: Actor) -> Note:
    """Write a note on a payment; `@sam` tells sam. `phi`: it tells of somebody's health. Raises Invalid."""
    return notes.write(Payment.require(payment_id), text=text, phi=phi, by=by)
