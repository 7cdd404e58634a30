"""Having a visit looked at before others, and why."""

from __future__ import annotations

from ...lib.refusal import Invalid, Refused
from ...lib.worded import Worded
from ...models import Visit
from .. import cases
from .._act import act, performing, say
from .._actor import Actor
from ._claim import NotToDecide
from ._clock import LATE


class EscalatedWhy(Worded):
    ADVERSE_REACTION = "adverse_reaction", "The patient may be reacting badly"
    COMPLAINT = "complaint", "The patient complains about waiting"
    SPECIALIST = "specialist", "It needs somebody with more experience"
    OVERDUE = "overdue", "Nobody decided in time"
    OTHER = "other", "Something else"


class Escalated(Refused):
    """It goes before others already."""


@act
def escalate(visit_id: str, *, reason: str, by: Actor) -> Visit:
    """Have it decided on before others. Raises NotToDecide, Escalated, Invalid."""
    if reason not in [one.value for one in EscalatedWhy]:
        raise Invalid({"reason": [f"Choose one of: {', '.join(EscalatedWhy)}."]})
    visit = Visit.lock(visit_id)
    if not visit.open:
        raise NotToDecide(f"Nothing is to be decided on it: {visit.state.help}")
    if visit.escalated_at and visit.escalated_why == reason:
        raise Escalated("It goes before others already, for that reason.")
    visit.escalated_at, visit.escalated_why = performing().now, reason
    cases.close_when_solved(LATE, visit.id, "escalated by a person")
    say("It goes before others")  # why may tell of the patient's health
    return visit
