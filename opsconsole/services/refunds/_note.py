"""Writing something down about a refund."""

from __future__ import annotations

from ...models import Note, Refund
from .. import notes
from .._act import act
from .._actor import Actor


@act(private=("text",))
def note(refund_id: str, *, text: str, phi: bool, by: Actor) -> Note:
    """Write a note on a refund; `@sam` tells sam. `phi`: it tells of somebody's health. Raises Invalid."""
    return notes.write(Refund.require(refund_id), text=text, phi=phi, by=by)
