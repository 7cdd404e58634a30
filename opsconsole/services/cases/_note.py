"""Writing something down about a case."""

from __future__ import annotations

from ...models import Case, Note
from .. import notes
from .._act import act
from .._actor import Actor


@act(private=("text",))
def note(case_id: str, *, text: str, phi: bool, by: Actor) -> Note:
    """Write a note on a case; it stands on the timelines of what the case is about too. `@sam` tells sam.

    Raises Invalid.
    """
    case = Case.require(case_id)
    return notes.write(case, text=text, phi=phi, by=by, about=case.about)
