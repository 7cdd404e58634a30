"""What waits because of an incident, who waits with it, and what was tried. Each number is that of a list's rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from ...db import db, instant
from ...models import Attempt, Case, CaseStatus, Incident, IncidentStatus, Promise
from .. import outbox
from ._end import left

LANES = 8  # the longest that are shown
TRIES = 12  # the newest attempts


@dataclass(frozen=True)
class Kind:
    """Calls of one kind that wait: how many, in how many lanes, since when the oldest does."""

    kind: str
    calls: int
    lanes: int
    oldest: datetime


@dataclass(frozen=True)
class Lane:
    lane: str
    calls: int
    oldest: datetime


@dataclass(frozen=True)
class Affected:
    """`orders` and `customers` are those that waiting calls are about; `cases` those folded under it that are open.
    `left` as of `_end.left`; `total` is what it began with, once it drains."""

    orders: int
    customers: int
    cases: int
    left: dict[str, Any]
    total: int
    kinds: Sequence[Kind]
    lanes: Sequence[Lane]
    tries: Sequence[Attempt]

    @property
    def gone(self) -> int:
        return max(self.total - int(self.left["left"]), 0)


def affected(incident: Incident) -> Affected:
    """Seven statements, each bounded by what waits."""
    port, waits = incident.port, outbox.waits_for(incident.port)
    over = incident.status == IncidentStatus.OVER
    folded = select(func.count()).where(Case.incident_id == incident.id, Case.status == CaseStatus.OPEN)
    kinds = (
        select(Promise.kind, func.count(), func.count(Promise.lane.distinct()), func.min(Promise.created_at))
        .where(waits)
        .group_by(Promise.kind)
        .order_by(func.count().desc(), Promise.kind)
    )
    lanes = (
        select(Promise.lane, func.count(), func.min(Promise.created_at))
        .where(waits)
        .group_by(Promise.lane)
        .order_by(func.count().desc(), func.min(Promise.created_at))
        .limit(LANES)
    )
    return Affected(
        orders=0 if over else _count(port, "ord"),
        customers=0 if over else _count(port, "cst"),
        cases=db.session.scalar(folded) or 0,
        left={"left": 0, "calls": 0, "events": 0, "by": None} if over else left(incident),
        total=incident.waited,
        kinds=[] if over else [Kind(*row) for row in db.session.execute(kinds)],
        lanes=[] if over else [Lane(*row) for row in db.session.execute(lanes)],
        tries=_tries(incident),
    )


def _count(port: str, prefix: str) -> int:
    ids = outbox.concerned(port, prefix).subquery()
    return db.session.scalar(select(func.count()).select_from(ids)) or 0


def _tries(incident: Incident) -> Sequence[Attempt]:
    query = select(Attempt).where(
        Attempt.vendor == incident.port,
        Attempt.created_at >= incident.opened_at,
        Attempt.created_at <= func.coalesce(incident.ended_at, instant()),
    )
    return db.session.scalars(query.order_by(Attempt.created_at.desc(), Attempt.id.desc()).limit(TRIES)).all()
