"""Writing something down about a visit."""

from __future__ import annotations

from ...models import Note, Visit
from .. import notes
from .._act import act
from .._actor import Actor


@act(private=("text",))
def note(visit_id: str, *, text: str, phi: bool, by: Actor) -> Note:
    """Write a note on a visit; `@ada` tells Ada. `phi`: it tells of somebody's health. Raises Invalid."""
    return notes.write(Visit.require(visit_id), text=text, phi=phi, by=by)
