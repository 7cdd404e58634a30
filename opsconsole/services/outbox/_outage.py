"""What promises know of their vendor's trouble: held while somebody says so, patient all the while, let out a few at first.

An incident is opened and ended by services/incidents, which stands above; here its row is only read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, text, update

from ... import vendors
from ...db import db, instant
from ...models import Incident, IncidentStatus, Promise, Record
from .._find import Filter

BURST = 5  # calls that go out at once when a vendor is back
RATE = 5  # then so many a second
STEP = 10  # seconds after which that doubles
MOST = 80  # a second, at most
_FOREVER = "infinity"
_UNFINISHED = text(
    "promises.status in ('waiting', 'claimed')"
)  # written out, as the index of just those says it


def held(port: str) -> bool:
    """Has somebody said that this vendor is down, so that it is not even tried?"""
    query = select(Incident.id).where(
        Incident.holds, Incident.status == IncidentStatus.OPEN, Incident.ports.contains([port])
    )
    return db.session.scalar(query.limit(1)) is not None


def outage_since(port: str, since: datetime) -> timedelta:
    """For how much of the time since then the vendor was in trouble: so long patience stands still."""
    until = func.coalesce(Incident.ended_at, instant())
    length = until - func.greatest(Incident.opened_at, since)
    query = select(func.sum(length)).where(Incident.ports.contains([port]), until > since)
    return db.session.scalar(query) or timedelta(0)


def waits_for(port: str) -> ColumnElement[bool]:
    """Is a promise one that its vendor keeps waiting? Its time has come or it was tried; once the vendor is back, it is
    of those that had to wait. `port` is any through which that vendor is called."""
    ports = vendors.system_of(port).ports
    back = (Incident.port == ports[0], Incident.status == IncidentStatus.DRAINING)
    since = select(Incident.draining_at).where(*back).scalar_subquery()
    until = select(Incident.drained_by).where(*back).scalar_subquery()
    return and_(
        Promise.port.in_(ports),
        _UNFINISHED,
        Promise.created_at <= func.coalesce(since, literal(_FOREVER).cast(Promise.created_at.type)),
        or_(Promise.due_at <= func.coalesce(until, instant()), and_(Promise.attempts > 0, since.is_(None))),
    )


def concerned(port: str, prefix: str) -> Select[Any]:
    """The ids of the records, of one noun, that such promises are about."""
    about = select(func.unnest(Promise.about).label("id")).where(waits_for(port)).subquery()
    return select(about.c.id).where(about.c.id.startswith(f"{prefix}_", autoescape=True)).distinct()


# The k-th goes out so many seconds from now: BURST at once, then RATE a second, doubling each STEP up to MOST. After n whole
# steps RATE * STEP * (2^n - 1) are out.
_PLAN = text(
    """
    with now as materialized (select instant() as at), open_ones as materialized (
        select id, position from promises
        where status = 'waiting' and port = any(:ports) and (cast(:method as text) is null or method = :method)
          and (due_at <= instant() or attempts > 0)
          and not exists (select 1 from breakers b where b.port = promises.port and b.method = promises.method
                          and b.opened_at is not null)
        order by position for update skip locked
    ), placed as (
        select id, greatest(row_number() over (order by position) - :burst, 0) as place from open_ones
    ), stepped as (
        select id, place,
               least(floor(log(2, cast(place / (:rate * :step) + 1 as numeric))),
                     floor(log(2, :most / cast(:rate as numeric)))) as steps
        from placed
    ), moved as (
        update promises p set due_at = (select at from now) + make_interval(
            secs => s.steps * :step + (s.place - :rate * :step * (2 ^ s.steps - 1)) / (:rate * 2 ^ s.steps))
        from stepped s where p.id = s.id returning p.due_at
    )
    select max(due_at) from moved
    """
)


def let_out(ports: Iterable[str], method: str | None = None) -> datetime | None:
    """The vendor is back: what waited for these ports, or for one method alone, is due, each lane in its order, first a few
    and then ever faster. Methods whose breaker is open go on waiting. Returns when the last one's turn is."""
    asked: dict[str, Any] = {"ports": [*ports], "method": method}
    last: datetime | None = db.session.scalar(
        _PLAN, asked | {"burst": BURST, "rate": RATE, "step": STEP, "most": MOST}
    )
    if last:
        db.session.execute(
            update(Incident)
            .where(Incident.status != IncidentStatus.OVER, Incident.ports.overlap(asked["ports"]))
            .values(drained_by=func.greatest(Incident.drained_by, last))
            .execution_options(synchronize_session=False)
        )
    return last


def waiting_about(noun: type[Record]) -> Filter:
    """The filter of a noun's list for those that such promises are about."""
    return Filter(
        lambda port: noun.id.in_(concerned(port, noun.PREFIX)),
        "With a call that this system keeps waiting, payments.",
        few=True,
    )
