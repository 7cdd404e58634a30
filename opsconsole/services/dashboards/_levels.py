"""Whether what was stuck was dealt with in time: by team, by the system that it waited for, by cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import text

from ...db import db, now

_COUNTED = text(
    """
    select team, coalesce(vendor, '') as vendor, code,
           count(*) filter (where ended_at <= breach_at) as kept,
           count(*) filter (where coalesce(ended_at, instant()) > breach_at) as late
    from stuck
    where ended_at >= cast(:since as timestamptz) or (ended_at is null and breach_at < instant())
    group by 1, 2, 3
    """
)
BY = ("team", "vendor", "code")


@dataclass(frozen=True)
class Kept:
    """Of what `name` says: `kept` ended in time, `late` ended too late or lasts too long still."""

    name: str
    kept: int
    late: int

    @property
    def all(self) -> int:
        return self.kept + self.late

    @property
    def share(self) -> float | None:
        return self.kept / self.all if self.all else None


def levels(days: int) -> tuple[date, Kept, Mapping[str, Sequence[Kept]]]:
    """Since which day, all together, and by each of BY, the worst first. One statement."""
    since = now().date() - timedelta(days=days)
    sums: dict[str, dict[str, tuple[int, int]]] = {by: {} for by in BY}
    kept = late = 0
    for row in db.session.execute(_COUNTED, {"since": since}):
        kept, late = kept + row.kept, late + row.late
        for by in BY:
            if name := getattr(row, by):
                before = sums[by].get(name, (0, 0))
                sums[by][name] = before[0] + row.kept, before[1] + row.late
    told = {
        by: sorted((Kept(name, *both) for name, both in some.items()), key=_worst)
        for by, some in sums.items()
    }
    return since, Kept("", kept, late), told


def _worst(one: Kept) -> tuple[float, int]:
    return (1.0 if one.share is None else one.share, -one.all)
