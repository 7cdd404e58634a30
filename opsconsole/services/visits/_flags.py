"""What has to have been looked at before a decision: each open flag that blocks is dealt with in the decision itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import FlagEffect, FlagOutcome, FlagStatus, ReviewFlag, Visit
from .._act import performing, tell_change
from .._actor import Actor


class FlagsOpen(Refused):
    """A flag blocks it, and the decision says nothing to it."""


def flags_of(visit: Visit) -> Sequence[ReviewFlag]:
    """What is open about the patient: what blocks first, then by severity."""
    order = {"block": 0, "review": 1, "note": 2}
    severe = {"high": 0, "moderate": 1, "low": 2}
    return sorted(
        ReviewFlag.open_of(visit.customer_id),
        key=lambda one: (order[one.effect], severe[one.severity], one.created_at),
    )


def resolve(visit: Visit, ids: Sequence[str], outcome: str, words: str, *, by: Actor) -> list[dict[str, Any]]:
    """In a decision: deal with these open flags. Returns what the decision keeps of it. Raises Invalid."""
    open_ = {one.id: one for one in ReviewFlag.open_of(visit.customer_id)}
    wanted = [one.rsplit("/", 1)[-1] for one in ids]
    if unknown := [one for one in wanted if one not in open_]:
        raise Invalid({"flags": [f"The patient has no such open flag: {unknown[0][:40]}."]})
    if not wanted:
        return []
    if outcome not in [one.value for one in FlagOutcome]:
        raise Invalid({"flag_outcome": [f"Choose one of: {', '.join(FlagOutcome)}."]})
    if len(words.strip()) < 3:
        raise Invalid({"flag_words": ["Say what you found, in your own words: it stands in the decision."]})
    for id in wanted:
        flag = ReviewFlag.lock(id)
        flag.outcome, flag.why, flag.by = outcome, words.strip(), by.label
        flag.trace_id = performing().trace
        flag.move_to(FlagStatus.RESOLVED)
    return [{"flag": id, "kind": open_[id].kind, "outcome": outcome, "words": words.strip()} for id in wanted]


def none_blocks(visit: Visit) -> None:
    """Raises FlagsOpen with each flag that still blocks."""
    blocking = ReviewFlag.open_of(visit.customer_id, FlagEffect.BLOCK)
    if blocking:
        raise FlagsOpen(
            "A flag on the patient blocks it. Tick what you dealt with, and say what you found."
            if len(blocking) == 1
            else f"{len(blocking)} flags on the patient block it. Tick what you dealt with, and say what you found.",
            field="flags",
            blockers=[{"code": "flag", "says": _says(one), "fix": None} for one in blocking],
        )


def reopen(visit: Visit, trace: str) -> None:
    """A decision is taken back: what it dealt with is open again."""
    query = select(ReviewFlag.id).where(
        ReviewFlag.customer_id == visit.customer_id,
        ReviewFlag.trace_id == trace,
        ReviewFlag.status == FlagStatus.RESOLVED,
    )
    for id in list(db.session.scalars(query)):
        flag = ReviewFlag.lock(id)
        flag.outcome, flag.why = None, ""
        flag.move_to(FlagStatus.OPEN)


def tell_what_stays(visit: Visit) -> None:
    """In a preview: which flags stay open and keep everything here."""
    left = ReviewFlag.open_of(visit.customer_id)
    blocking = [one for one in left if one.effect == FlagEffect.BLOCK]
    if blocking:
        tell_change(visit, "stays blocked by", "", f"{len(blocking)} flags on the patient")


def _says(flag: ReviewFlag) -> str:
    return f"A {flag.severity} flag since {flag.created_at:%-d %b}: see the case."
