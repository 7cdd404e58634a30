"""How much begins and ends each day, and how much is left: causes for which something is stuck, orders and parcels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, pstdev

from sqlalchemy import text

from ...db import db, now

DAYS = 30
_WEEKS = 3  # as many of the same weekday as are needed to say what is usual
_FAR = 3  # standard deviations

# What happened on each day (UTC), each kind through the index of its instant.
_COUNTED = """
    select '{name}' as kind, ({at} at time zone 'UTC')::date as day, count(*) as number
    from {table} where {at} >= cast(:since as timestamptz) group by 2
"""
_KINDS = {
    "began": ("stuck", "began_at"),
    "ended": ("stuck", "ended_at"),
    "placed": ("orders", "placed_at"),
    "labelled": ("shipments", "labelled_at"),
    "delivered": ("shipments", "delivered_at"),
}
_HAPPENED = text(
    " union all ".join(_COUNTED.format(name=name, table=table, at=at) for name, (table, at) in _KINDS.items())
)
_OPEN = text("select count(*) from stuck where ended_at is null")
_OUTAGES = text(
    "select (opened_at at time zone 'UTC')::date as day, id, says from incidents"
    " where opened_at >= cast(:since as timestamptz) order by opened_at"
)


@dataclass(frozen=True)
class Day:
    """One day (UTC). `backlog` is how many were stuck when it ended, or are now. `unusual` names what was further from the
    same weekdays before than three standard deviations. `outages` are (id, what it says)."""

    on: date
    began: int
    ended: int
    backlog: int
    placed: int
    labelled: int
    delivered: int
    unusual: Sequence[str]
    outages: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Flow:
    days: Sequence[Day]  # the oldest first

    @property
    def today(self) -> Day:
        return self.days[-1]


def flow(days: int = DAYS) -> Flow:
    """The last `days` days, today among them. Three statements. The backlog is counted back from now: what was stuck in the
    evening before is what is stuck in this one, less what began and plus what ended in between."""
    today = now().date()
    first = today - timedelta(days=days - 1)
    counts: dict[tuple[str, date], int] = {
        (row.kind, row.day): row.number for row in db.session.execute(_HAPPENED, {"since": first})
    }
    outages: dict[date, list[tuple[str, str]]] = {}
    for row in db.session.execute(_OUTAGES, {"since": first}):
        outages.setdefault(row.day, []).append((row.id, row.says))
    left = int(db.session.scalar(_OPEN) or 0)
    found: list[Day] = []
    for back in range(days):
        on = today - timedelta(days=back)
        numbers = {name: counts.get((name, on), 0) for name in _KINDS}
        found.append(
            Day(
                on,
                backlog=left,
                unusual=_unusual(counts, on, first) if back else (),
                outages=outages.get(on, ()),
                **numbers,
            )
        )
        left += numbers["ended"] - numbers["began"]
    return Flow(found[::-1])


def _unusual(counts: Mapping[tuple[str, date], int], on: date, first: date) -> Sequence[str]:
    """What differs from the same weekdays before it; nothing is said with fewer than three of them, nor of today."""
    before = [on - timedelta(weeks=n) for n in range(1, 9) if on - timedelta(weeks=n) >= first]
    if len(before) < _WEEKS:
        return ()
    return [
        name
        for name in _KINDS
        if _far(counts.get((name, on), 0), [counts.get((name, day), 0) for day in before])
    ]


def _far(number: int, usual: Sequence[int]) -> bool:
    spread = max(pstdev(usual), 1.0)  # one more or less is never news
    return abs(number - fmean(usual)) > _FAR * spread
