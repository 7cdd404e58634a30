"""Reading limits and hours: all codes with what differs, and who works when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ...db import db
from ...lib.business_time import between
from ...models import ServiceLevel, WorkCalendar
from ._declare import Declared, codes
from ._levels import Level, Levels, levels


@dataclass(frozen=True)
class Told:
    """A code with its default, what counts where nothing more specific does, and what was set more specifically."""

    declared: Declared
    default: Level
    level: Level
    row: ServiceLevel | None
    specific: Sequence[ServiceLevel]

    @property
    def differs(self) -> bool:
        return self.row is not None or bool(self.specific)


def table(held: Levels | None = None) -> list[Told]:
    """All codes, in their order."""
    held = held or levels()
    plain = Levels({}, held.calendars, held.of_pharmacy)
    found = []
    for code, one in sorted(codes().items()):
        specific = [row for row in held.rows.values() if row.code == code and (row.pharmacy_id or row.sku)]
        found.append(
            Told(
                one,
                plain.of(code, one.limit, one.team),
                held.of(code, one.limit, one.team),
                held.row(code),
                sorted(specific, key=lambda row: (row.sku or "", row.pharmacy_id or "")),
            )
        )
    return found


def calendars() -> Sequence[WorkCalendar]:
    """All calendars, by name."""
    return db.session.scalars(select(WorkCalendar).order_by(WorkCalendar.name)).all()


@dataclass(frozen=True)
class AtWork:
    """Whether somebody works at a moment, the days off of the weeks to come, and how long the coming seven days are."""

    open: bool
    today: date
    days_off: Sequence[date]
    week: timedelta

    @property
    def next_day_off(self) -> date | None:
        return next(iter(self.days_off), None)


def at_work(calendar: WorkCalendar, at: datetime, days: int = 366) -> AtWork:
    """Days off are those on which somebody would work otherwise, today's included."""
    of = calendar.calendar
    today = at.astimezone(ZoneInfo(calendar.zone)).date()
    ahead = (today + timedelta(days=n) for n in range(days))
    off = [day for day in ahead if of.hours[day.weekday()] and of.off(day)]
    moment = timedelta(microseconds=1)
    return AtWork(between(at, at + moment, of) == moment, today, off, between(at, at + timedelta(days=7), of))


def counted_in(name: str) -> list[Told]:
    """The codes that count in somebody's hours, by their default or by what was set."""
    return [
        one for one in table() if one.level.hours == name or any(row.calendar == name for row in one.specific)
    ]
