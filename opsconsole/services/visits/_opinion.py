"""A second opinion: one clinician asks, another answers, both sign. Where they differ, nothing is prescribed before whoever
decides has said in words why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from ...lib.refusal import Invalid, Refused
from ...lib.worded import Worded
from ...models import (
    Decision,
    DecisionKind,
    FlagEffect,
    FlagKind,
    FlagSeverity,
    FlagStatus,
    Provider,
    ReviewFlag,
    Visit,
)
from .._act import act, performing, say, tell_change, warn
from .._actor import Actor
from ._claim import NotToDecide, NotYours, take
from ._licences import licence_to_decide
from ._sign import LONGEST, sign
from ._who import deciding, named_provider

SOURCE = "opinion"  # who raised the flag of a disagreement


class Would(Worded):
    """How somebody would decide."""

    APPROVE = "approve", "would approve"
    DENY = "deny", "would deny"
    ASK = "ask", "would ask the patient first"
    REFER = "refer", "would refer them"


class NothingAsked(Refused):
    """Nobody asks for an opinion on it, or they ask somebody else."""


@act(private=("would", "words"))
def ask_opinion(
    visit_id: str, *, of: str | None = None, would: str, words: str, provider: str | None = None, by: Actor
) -> Visit:
    """Ask a colleague, or with no `of` any clinician who is licensed there, what they think; `would` and `words` are one's
    own opinion. Raises NotToDecide, Taken, NotLicensed, NotAClinician, Invalid."""
    _readable(would, words)
    visit = Visit.lock(visit_id)
    me = deciding(by, provider, visit, performing().now)
    if not visit.to_decide:
        raise NotToDecide(f"Nothing is to be decided on it: {visit.state.help}")
    take(visit, me)
    asked = named_provider(of) if of else None
    if asked:
        if asked.id == me.id:
            raise Invalid({"of": ["Ask somebody else."]})
        licence_to_decide(visit, asked, performing().now)
    sign(
        visit, DecisionKind.OPINION, by=by, provider=me, licence=licence_to_decide(visit, me, performing().now),
        reason=would, words=words, asks=asked.id if asked else "any",
    )  # fmt: skip
    visit.opinion_asked_at = performing().now
    visit.opinion_of_id, visit.opinion_for_id = (asked.id if asked else None), me.id
    whom = asked.name if asked else f"any clinician licensed in {visit.patient_state}"
    tell_change(visit, "asks", "", whom)
    say(f"{me.name} asked for a second opinion")
    return visit


@act(private=("would", "words"))
def give_opinion(visit_id: str, *, would: str, words: str, provider: str | None = None, by: Actor) -> Visit:
    """Say what one thinks. Where it differs from what the colleague thinks, a flag blocks the visit until whoever decides
    answers it in words; what was decided meanwhile is held back by it too.

    Raises NothingAsked, NotYours, NotLicensed, NotAClinician, Invalid.
    """
    _readable(would, words)
    visit = Visit.lock(visit_id)
    me = deciding(by, provider, visit, performing().now)
    if visit.opinion_asked_at is None:
        raise NothingAsked("Nobody asks for an opinion on it.")
    if me.id == visit.opinion_for_id:
        raise NotYours("You asked for it: somebody else answers.")
    if visit.opinion_of_id and visit.opinion_of_id != me.id:
        raise NothingAsked(f"{Provider.require(visit.opinion_of_id).name} was asked.")
    licence = licence_to_decide(visit, me, performing().now)
    before = [one for one in opinions(Decision.of_visit(visit.id)) if one.by_id == visit.opinion_for_id]
    sign(visit, DecisionKind.OPINION, by=by, provider=me, licence=licence, reason=would, words=words)
    visit.opinion_asked_at = visit.opinion_of_id = visit.opinion_for_id = None
    if before and before[-1].would != would:
        _differ(visit, by)
        tell_change(visit, "opinions", "", "differ: nothing is prescribed before the difference is answered")
        say(f"{me.name} gave a second opinion: the two differ")
    else:
        say(f"{me.name} gave a second opinion: the two agree")
    return visit


def _readable(would: str, words: str) -> None:
    wrong: dict[str, list[str]] = {}
    if would not in [one.value for one in Would]:
        wrong["would"] = [f"Choose one of: {', '.join(Would)}."]
    if not 3 <= len(words.strip()) <= LONGEST:
        wrong["words"] = [f"Say why, in {LONGEST:,} characters at most."]
    if wrong:
        raise Invalid(wrong)


def _differ(visit: Visit, by: Actor) -> None:
    """One flag for each disagreement: what was answered before stays answered."""
    number = len(Decision.of_visit(visit.id))
    ReviewFlag(
        status=FlagStatus.OPEN,
        kind=FlagKind.OTHER,
        severity=FlagSeverity.HIGH,
        effect=FlagEffect.BLOCK,
        customer_id=visit.customer_id,
        visit_id=visit.id,
        order_id=visit.order_id,
        source=f"{SOURCE}:{number}",
        why="Two clinicians differ",
        by=by.label,
        trace_id=performing().trace,
        created_at=performing().now,
    ).add()
    if visit.decided:
        warn("It was decided on meanwhile: the flag holds back what follows.")


@dataclass(frozen=True)
class Opinion:
    """What one clinician thought, as it was signed."""

    number: int
    by_id: str
    name: str
    would: str
    words: str


def opinions(decisions: Sequence[Decision]) -> list[Opinion]:
    """Opened: who shows them writes that down."""
    found = []
    for one in decisions:
        if one.kind == DecisionKind.OPINION:
            content = json.loads(one.content)
            who = content["provider"]
            found.append(Opinion(one.number, who["id"], who["name"], content["reason"], content["words"]))
    return found
