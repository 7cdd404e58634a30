"""A flag that keeps an order here and that nobody decides on: after a day somebody is told to."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, func, select

from ...db import db, instant
from ...models import FLAG_OPEN, Case, CaseStatus, FlagEffect, ReviewFlag
from .. import cases
from .._act import act, say
from .._actor import Actor

REASON = "flag_undecided"
PATIENCE = timedelta(
    hours=24
)  # as long as a visit waits for its decision; less where the rule says when it is due


@act(robots=("clock",))
def run_late(flag_id: str, *, by: Actor) -> ReviewFlag:
    """A clinician has to decide on it: one case, which names no flag, for what kind it is tells of somebody's health."""
    flag = ReviewFlag.lock(flag_id)
    if flag.open and flag.effect == FlagEffect.BLOCK:
        cases.open_case(
            REASON,
            flag.id,
            says="A flag keeps an order or a prescription here, and no clinician has decided on it.",
            suggests={
                "act": "review_flags.resolve",
                "url": f"{flag.url}/resolve",
                "label": "Decide on the flag",
            },
            about=flag.related(),
        )
        say("Nobody decided on a flag in time")
    return flag


def overdue(limit: int = 100) -> list[str]:
    """Blocking flags that have stood for too long and of which no case tells."""
    told = exists().where(
        Case.subject_id == ReviewFlag.id, Case.reason == REASON, Case.status == CaseStatus.OPEN
    )
    since = func.coalesce(ReviewFlag.due_at, ReviewFlag.created_at + PATIENCE)
    query = select(ReviewFlag.id).where(
        ReviewFlag.status.in_(FLAG_OPEN), ReviewFlag.effect == FlagEffect.BLOCK, since <= instant(), ~told
    )
    found = list(db.session.scalars(query.order_by(ReviewFlag.created_at).limit(limit)))
    db.session.rollback()
    return found


def decided(flag: ReviewFlag) -> None:
    """In an act: it keeps nothing here any more."""
    if not flag.open:
        cases.close_when_solved(REASON, flag.id, flag.status)
