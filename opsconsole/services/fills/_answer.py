"""Answering what a pharmacy asks about a fill. Nothing is typed: each kind of question has its answers."""

from __future__ import annotations

from datetime import timedelta

from ...lib.refusal import Denied, Invalid, Refused
from ...models import Fill
from .. import cases
from .._act import act, say
from .._actor import Actor
from ..outbox import promise
from ._ask import locked, reply
from ._follow import UNANSWERED
from ._recipes import recipe_of
from ._why_not import why_not_answer

CLINICAL = "fills.answer_clinical"  # the extra right for what stands on the face of a prescription


class NotAsked(Refused):
    """The pharmacy waits for no answer, or has got one."""


@act
def answer(fill_id: str, *, answer: str, by: Actor) -> Fill:
    """Answer the pharmacy. `answer` is one of the recipe's. Raises NotAsked, Invalid, Denied."""
    order, fill = locked(fill_id)
    if why_not := why_not_answer(fill):
        raise NotAsked(why_not)
    recipe = recipe_of(fill)
    assert recipe
    if recipe.clinical and not by.may(CLINICAL):
        raise Denied(CLINICAL, by.label)
    if answer not in recipe.answers:
        raise Invalid({"answer": [f"Choose one of: {', '.join(recipe.answers)}."]})
    fill.answer = answer
    words = recipe.answers[answer]
    promise(
        reply,
        fill,
        lane=fill.lane,
        says=f"{fill.pharmacy.name} is told about order {order.reference}: {words[0].lower()}{words[1:]}",
        arguments={"id": fill.external_id, "code": fill.code, "answer": answer},
        due_in=timedelta(0),
        port=fill.pharmacy.port,
    )
    cases.close_when_solved(UNANSWERED, fill.id, "it was answered")
    say(f"Answered {fill.pharmacy.name}: {words[0].lower()}{words[1:]}")
    return fill
