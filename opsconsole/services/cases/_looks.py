"""Who has a case open, and signs of work on it. Bookkeeping, no act."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert

from ...db import db, instant
from ...models import Case, CaseLook, CaseStatus, Staff
from .._actor import Actor
from .._transaction import transaction

THERE = timedelta(minutes=2)  # a page that asked for news within this is open
_EVERY = timedelta(seconds=30)  # how often that is written down


@dataclass(frozen=True)
class Onlooker:
    """A colleague who has the same case open."""

    name: str
    opened_at: datetime


def looked(case: Case, by: Actor, *, now: datetime, polled: bool) -> list[Onlooker]:
    """Write down that `by` has the case open, and who else has. A page that asks by itself (`polled`) shows that it is open
    and is no sign of work."""
    query = select(CaseLook.staff_id, Staff.name, CaseLook.opened_at, CaseLook.seen_at)
    rows = db.session.execute(
        query.join(Staff, Staff.id == CaseLook.staff_id).where(CaseLook.case_id == case.id)
    ).all()
    mine = next((row for row in rows if row.staff_id == by.id), None)
    works = case.owner_id == by.id and not polled
    if (
        by.human
        and case.status == CaseStatus.OPEN
        and (mine is None or mine.seen_at <= now - _EVERY or works)
    ):
        opened = mine.opened_at if mine and mine.seen_at > now - THERE else now
        put = insert(CaseLook).values(case_id=case.id, staff_id=by.id, opened_at=opened, seen_at=now)
        with transaction():
            db.session.execute(
                put.on_conflict_do_update(
                    index_elements=["case_id", "staff_id"], set_={"opened_at": opened, "seen_at": now}
                )
            )
            if works:
                _works_on([case.id], by)
    return [
        Onlooker(row.name, row.opened_at)
        for row in sorted(rows, key=lambda row: row.opened_at)
        if row.staff_id != by.id and row.seen_at > now - THERE
    ]


def works_on(ids: Iterable[str | None], by: Actor) -> None:
    """Somebody has opened an act's form about one of these: whoever has a case about it is at work."""
    wanted = [id for id in ids if id]
    if by.human and wanted:
        with transaction():
            _works_on(wanted, by)


def _works_on(ids: list[str], by: Actor) -> None:
    db.session.execute(
        update(Case)
        .where(
            Case.owner_id == by.id,
            Case.status == CaseStatus.OPEN,
            or_(Case.id.in_(ids), Case.about.overlap(ids)),
            or_(Case.seen_at.is_(None), Case.seen_at < instant() - _EVERY),
        )
        .values(seen_at=instant())
        .execution_options(synchronize_session=False)
    )
