"""Taking a case, giving it back, and taking the best one that is left: one person at a time works on it.

Who turns away for half an hour loses it. A sign of work is opening its page or an act's form about it, or acting on it.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from ...db import db, instant
from ...lib.refusal import Refused
from ...models import AuditEntry, Case, CaseStatus, Role, Staff, Team
from .._act import act, concerns, performing, say
from .._actor import Actor
from ._close import _locked
from ._open import come_back

IDLE = timedelta(minutes=30)
UNSEEN = timedelta(hours=4)  # what was handed to somebody waits so long for their first look
PASSED = timedelta(hours=1)  # what somebody gave away is not offered to them again before
ASSIGN = "cases.assign"  # the right of who may take a case away from somebody
# Whose work each role does.
_TEAMS_OF = {
    "support": (Team.SUPPORT,), "ops_lead": (Team.OPS, Team.SUPPORT, Team.ENGINEERING), "clinician": (Team.CLINIC,),
    "finance": (Team.FINANCE,), "admin": (Team.ENGINEERING,),
}  # fmt: skip


class NotYours(Refused):
    """Somebody else has the case, or only people can have cases."""


class NobodyHasIt(Refused):
    """It is nobody's already."""


class NothingLeft(Refused):
    """Nothing waits that is theirs to take."""


def teams_of(by: Actor) -> tuple[Team, ...]:
    """The teams whose work somebody does, their own first; none for a program."""
    role = Role.get(by.role) if by.human else None
    return _TEAMS_OF.get(role.name, (Team.OPS,)) if role else ()


@act
def claim(case_id: str, *, by: Actor) -> Case:
    """Make the case mine. Raises NotYours when a colleague has it or a program asks."""
    case = _locked(case_id)
    _take(case, by)
    say(f"Took the case “{case.says}”")
    return case


@act
def next_(*, by: Actor) -> Case:
    """Make the most urgent case mine that nobody has and that is my team's. What I gave away lately is left to others.
    Raises NotYours for a program, NothingLeft."""
    if not by.human:
        raise NotYours("Only people take cases.")
    mine = [team.value for team in teams_of(by)]
    lately = and_(Case.passed_by == by.id, Case.passed_at > performing().now - PASSED)
    query = (
        select(Case)
        .where(waits(), Case.owner_id.is_(None), Case.team.in_(mine), ~func.coalesce(lately, False))
        .order_by(Case.urgency, Case.id)
        .limit(1)
        .with_for_update(skip_locked=True)  # two who ask at once get different ones
    )
    case = db.session.scalar(query)
    if case is None:
        raise NothingLeft(
            "Nothing waits that is your team’s and nobody’s. Look at all cases for what others have."
        )
    _take(case, by)
    say(f"Took the next case “{case.says}”")
    return case


@act
def release(case_id: str, *, by: Actor) -> Case:
    """Give a case back to all; a lead takes it away from whoever has it. Raises NobodyHasIt, NotYours."""
    case = _locked(case_id)
    if case.owner_id is None:
        raise NobodyHasIt("Nobody has this case.")
    theirs_or_lead(case, by)
    put_back(case, by)
    concerns(*case.about)
    say(f"Gave the case back “{case.says}”")
    return case


@act(robots=("clock",))
def free(case_id: str, *, by: Actor) -> Case:
    """Whoever has it has turned away: it is there for others again."""
    case = Case.lock(case_id)
    if db.session.scalar(select(Case.id).where(Case.id == case_id, _turned_away())):
        put_back(case)
        say("Nobody worked on it for half an hour: it is there for all again")
    return case


def idle(limit: int = 100) -> list[str]:
    """Cases that somebody has and gave no sign of work on for half an hour."""
    found = list(
        db.session.scalars(select(Case.id).where(_turned_away()).order_by(Case.claimed_at).limit(limit))
    )
    db.session.rollback()
    return found


def waits() -> ColumnElement[bool]:
    """Is it open, and not put away?"""
    return and_(Case.status == CaseStatus.OPEN, Case.snoozed_until.is_(None))


def put_back(case: Case, by: Actor | None = None) -> None:
    """In an act: a locked case is nobody's again; `by` gave it away."""
    case.owner_id = case.claimed_at = case.seen_at = None
    if by:
        case.passed_by, case.passed_at = by.id, performing().now


def theirs_or_lead(case: Case, by: Actor) -> None:
    """Raises NotYours for what a colleague has, unless `by` may take it away."""
    if case.owner_id and case.owner_id != by.id and not by.may(ASSIGN):
        raise NotYours(f"{Staff.require(case.owner_id).name} has this case.")


def _take(case: Case, by: Actor) -> None:
    if not by.human:
        raise NotYours("Only people take cases.")
    if case.owner_id and case.owner_id != by.id:
        raise NotYours(f"{Staff.require(case.owner_id).name} has this case.")
    come_back(case)
    case.owner_id = by.id
    case.claimed_at = case.claimed_at or performing().now
    case.seen_at = performing().now
    concerns(*case.about)


def _turned_away() -> ColumnElement[bool]:
    long_ago = instant() - IDLE
    acted = exists().where(
        AuditEntry.by_id == Case.owner_id,
        AuditEntry.created_at > long_ago,
        AuditEntry.about.overlap(Case.about),
    )
    unseen = and_(Case.seen_at.is_(None), Case.claimed_at <= instant() - UNSEEN)
    return and_(waits(), Case.owner_id.is_not(None), or_(Case.seen_at <= long_ago, unseen), ~acted)
