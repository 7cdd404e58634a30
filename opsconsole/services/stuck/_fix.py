"""Putting right what does not go on: one of the acts that its rule offers, by whoever may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...lib import canonical
from ...lib.refusal import Invalid, Refused
from ...models import RecipeRun, Record, Stuck
from .._act import ACTS, Need, act, concerns, performing, say
from .._actor import Actor
from .._frozen import thaw
from ..prescriptions import Offer
from ._recipe import Ask
from ._rule import Rule
from .rules import RULES


class NotStuck(Refused):
    """It goes on again, or does not for another cause."""


class NotOffered(Refused):
    """That would not put it right."""


class NotYours(Refused):
    """Somebody else has to do it."""


@act(private=("inputs",))
def fix(
    stuck_id: str, *, choice: str | None, answers: Mapping[str, str], inputs: Mapping[str, Any], by: Actor
) -> Record:
    """Do what the rule offers: `choice` says which, what the `answers` lead to unless given; `inputs` are that act's own.
    It runs within, so what it changes, promises, refuses and asks a second person for is its own, and so is its undo.
    Returns what the act returns. Raises NotStuck, NotOffered, NotYours, Invalid for an answer that is none, and
    whatever the act raises.
    """
    stuck = Stuck.lock(stuck_id)
    if stuck.final:
        raise NotStuck("It does not wait for this any more: nothing has to be done.")
    rule = RULES[stuck.code]
    known = checked(rule, answers)
    offers = rule.offers(stuck)
    offer = chosen(rule, offers, choice, known)
    if why_not := why_not_yours(offer, by):
        raise NotYours(why_not)
    wanted = ACTS[offer.act]
    performing().undo = wanted.undo
    if offer.second:
        performing().needs.append(Need(offer.second))
    concerns(*(id for id in (stuck.subject_id, stuck.order_id, stuck.customer_id, stuck.case_id) if id))
    made = wanted(offer.subject, by=by, **thaw(wanted, canonical.plain(inputs)))
    for name, on, more in offer.then:
        ACTS[name](on, by=by, **more)
    RecipeRun(
        stuck_id=stuck.id, code=stuck.code, act=offer.act, suggested=offer.choice == offers[0].choice, answers=known,
        made_id=made.id if isinstance(made, Record) else None, by=by.label, by_id=by.id, trace_id=performing().trace,
    ).add()  # fmt: skip
    say(f"{rule.title}: {offer.label[0].lower()}{offer.label[1:]}")
    return made if isinstance(made, Record) else stuck


def checked(rule: Rule, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers to the recipe's questions. Raises Invalid for a question or an answer that it does not know."""
    questions = {step.name: step for step in rule.recipe if isinstance(step, Ask)}
    for name, code in answers.items():
        if name not in questions:
            raise Invalid({"answers": [f"Nobody asks “{name}” here."]})
        if code not in questions[name].choices:
            offered = ", ".join(questions[name].choices)
            raise Invalid({"answers": [f"“{code}” is no answer to “{name}”. There are: {offered}."]})
    return dict(answers)


def chosen(rule: Rule, offers: Sequence[Offer], choice: str | None, answers: Mapping[str, str]) -> Offer:
    """The offer that is asked for; the one that the answers lead to, else the suggested one, where nobody chose. Raises
    NotOffered."""
    if choice:
        found = next((one for one in offers if one.choice == choice), None)
    else:
        leads = led(rule, answers)
        found = next((one for one in offers if one.act in leads), offers[0] if offers else None)
    if found is None or not found.within:
        raise NotOffered(
            "That is nothing to be done from here now: look at what is offered.",
            field="choice",
        )
    return found


def led(rule: Rule, answers: Mapping[str, str]) -> list[str]:
    """The acts to which the answers lead, that of the last question first."""
    asks = [step for step in rule.recipe if isinstance(step, Ask) and step.name in answers]
    return [step.leads[answers[step.name]] for step in reversed(asks) if answers[step.name] in step.leads]


def why_not_yours(offer: Offer, by: Actor) -> str | None:
    """Why `by` may not do it; None when they may."""
    lacking = next((name for name in offer.acts if not ACTS[name].permits(by)), None)
    return None if lacking is None else f"“{offer.label}” takes the right {lacking}, which you do not have."
