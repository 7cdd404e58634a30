"""Putting a case away until a day, with the reason: it comes back by itself then, or as soon as something happens to it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, and_, cast, exists, or_, select
from sqlalchemy.dialects.postgresql import array

from ...db import db, instant
from ...lib.refusal import Invalid, Refused
from ...models import AuditEntry, Case, CaseStatus
from .._act import act, concerns, performing, say, warn
from .._actor import Actor
from ._claim import theirs_or_lead
from ._close import _locked
from ._open import come_back

AT_MOST = timedelta(days=30)


class NotSnoozed(Refused):
    """It is there already."""


@act
def snooze(case_id: str, *, until: datetime, reason: str, by: Actor) -> Case:
    """Put a case away until an instant within the next 30 days. Raises NotYours when a colleague has it, Invalid."""
    case = _locked(case_id)
    theirs_or_lead(case, by)
    now = performing().now
    if not now < until <= now + AT_MOST:
        raise Invalid({"until": ["Choose a moment within the next 30 days."]})
    if until > case.due_at > now:
        warn("It is due before that.")
    case.snoozed_at, case.snoozed_until, case.snoozed_why = now, until, reason
    case.snoozed_by = by.id if by.human else None
    concerns(*case.about)
    say(f"Put the case away until {until:%-d %b %Y, %H:%M} UTC: {reason}")
    return case


@act
def wake(case_id: str, *, by: Actor) -> Case:
    """Have a case back before its time. Raises NotSnoozed."""
    case = _locked(case_id)
    if case.snoozed_until is None:
        raise NotSnoozed("It was not put away.")
    come_back(case)
    concerns(*case.about)
    say("Brought the case back")
    return case


@act(robots=("clock",))
def bring_back(case_id: str, *, by: Actor) -> Case:
    """Its time has come, or something happened to what it is about."""
    case = Case.lock(case_id)
    if db.session.scalar(select(Case.id).where(Case.id == case_id, _over())):
        in_time = case.snoozed_until is not None and case.snoozed_until <= performing().now
        come_back(case)
        concerns(*case.about)
        say("It is back: its time has come" if in_time else "It is back: something happened to it")
    return case


def to_bring_back(limit: int = 100) -> list[str]:
    """Cases that were put away and are to be seen again."""
    found = list(db.session.scalars(select(Case.id).where(_over()).order_by(Case.snoozed_until).limit(limit)))
    db.session.rollback()
    return found


def _over() -> ColumnElement[bool]:
    """What happens to a case is a change of what it is about that no act on cases made."""
    happened = exists().where(
        AuditEntry.about.contains(array([cast(Case.subject_id, String(40))])),
        AuditEntry.created_at > Case.snoozed_at,
        AuditEntry.act.not_like("cases.%"),
        AuditEntry.changes != [],
    )
    put_away = and_(Case.status == CaseStatus.OPEN, Case.snoozed_until.is_not(None))
    return and_(put_away, or_(Case.snoozed_until <= instant(), happened))
