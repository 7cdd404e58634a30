"""How long a visit has: its clock stands still while it waits for the patient. Time that passes is counted, not days on a
calendar: holidays and changes of the clocks make nobody wait longer."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from ...db import db, instant
from ...models import Provider, Visit, VisitStatus
from .. import cases
from .._act import act, performing, say
from .._actor import Actor
from ._licences import NotLicensed, licence_to_decide

LATE = "visit_overdue"  # the reason of the case


def stand_still(visit: Visit, at: datetime) -> None:
    """From now on it waits for the patient."""
    visit.waiting_since = visit.waiting_since or at


def go_on(visit: Visit, at: datetime) -> None:
    """It waits no more: it is due later by as much as it has waited."""
    if visit.waiting_since is None:
        return
    waited = max(at - visit.waiting_since, timedelta(0))
    visit.waited_seconds += int(waited.total_seconds())
    if visit.due_at:
        visit.due_at += waited
    visit.waiting_since = None


def due(visit: Visit, at: datetime) -> datetime | None:
    """When it is due if it need not wait any longer: while it waits, that moves on with the time."""
    if visit.due_at is None or visit.waiting_since is None:
        return visit.due_at
    return visit.due_at + max(at - visit.waiting_since, timedelta(0))


def answered(visit: Visit, at: datetime) -> None:
    """In an act: the patient has answered what they were asked. It goes back to whoever asked, or to all who may take it."""
    if visit.status != VisitStatus.NEEDS_INFO:
        return
    go_on(visit, at)
    asked = Provider.get(visit.provider_id) if visit.provider_id else None
    visit.claimed_at = None
    if asked and _may_still(visit, asked, at):
        visit.move_to(VisitStatus.ASSIGNED)
    else:
        visit.provider_id = None
        visit.move_to(VisitStatus.SUBMITTED)


def _may_still(visit: Visit, provider: Provider, at: datetime) -> bool:
    try:
        licence_to_decide(visit, provider, at)
    except NotLicensed:
        return False
    return True


def overdue(limit: int = 100) -> list[str]:
    """What should have been decided by now, and of which nobody was told yet."""
    query = select(Visit.id).where(
        Visit.status.in_(("submitted", "assigned", "in_review")),
        Visit.due_at < instant(),
        Visit.escalated_at.is_(None),
    )
    found = list(db.session.scalars(query.order_by(Visit.due_at, Visit.id).limit(limit)))
    db.session.rollback()
    return found


@act(robots=("clock",))
def run_late(visit_id: str, *, by: Actor) -> Visit:
    """Nobody decided in time: it goes before others, and the ops lead gets a case."""
    visit = Visit.lock(visit_id)
    if visit.to_decide and visit.escalated_at is None:
        visit.escalated_at, visit.escalated_why = performing().now, "overdue"
        cases.open_case(
            LATE,
            visit.id,
            says="No clinician decided in time. It goes before others now; see whether somebody licensed there is at work.",
            suggests={"act": "visits.assign", "url": f"{visit.url}/assign", "label": "Assign it"},
            about=visit.related(),
        )
        say("Nobody decided in time: it goes before others")
    return visit
