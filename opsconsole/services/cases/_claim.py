"""Taking a case: one person at a time works on it."""

from __future__ import annotations

from ...lib.refusal import Refused
from ...models import Case, Staff
from .._act import act, concerns, say
from .._actor import Actor
from ._close import _locked


class NotYours(Refused):
    """Somebody else has the case, or only people can have cases."""


@act
def claim(case_id: str, *, by: Actor) -> Case:
    """Make the case mine. Raises NotYours when a colleague has it or a program asks."""
    case = _locked(case_id)
    if not by.human:
        raise NotYours("Only people take cases.")
    if case.owner_id and case.owner_id != by.id:
        owner = Staff.require(case.owner_id)
        raise NotYours(f"{owner.name} has this case.")
    case.owner_id = by.id
    concerns(*case.about)
    say(f"Took the case “{case.says}”")
    return case
