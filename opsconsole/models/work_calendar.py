"""When somebody works: the company, the clinic, a pharmacy."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from ..lib.business_time import Calendar, DaysOff
from ..lib.calendar import HOLIDAYS, MAJOR
from ..lib.week import week_words
from ._classes import public
from ._record import Record, one_of


class Holidays(StrEnum):
    """Which of the federal holidays are kept."""

    FEDERAL = "federal"  # all
    MAJOR = "major"  # the six on which private carriers rest too
    NONE = "none"


_KEPT = {
    Holidays.FEDERAL: frozenset(HOLIDAYS),
    Holidays.MAJOR: MAJOR,
    Holidays.NONE: frozenset[str](),
}


class WorkCalendar(Record):
    """`name` is what limits call it by; company, clinic and the ports of pharmacies (pharmacy-truepill) are found by it.

    `hours` is seven lists, Monday first, each of [from, until] in minutes since midnight on the wall of `zone`; `until` past
    1440 is on the day after. `days_off` are days beside the holidays, as "2026-12-24".
    """

    __tablename__ = "work_calendars"
    __table_args__ = (
        one_of("holidays", Holidays),
        Index("work_calendars_created_idx", "created_at", "id"),
    )
    PREFIX, PLURAL = "wcl", "work-calendars"
    TOLD = ("name", "zone", "hours", "holidays", "days_off")

    name: Mapped[str] = public(String(40), unique=True)
    zone: Mapped[str] = public(String(60))
    hours: Mapped[list[Any]] = public(JSONB)
    holidays: Mapped[str] = public(String(16))
    days_off: Mapped[list[Any]] = public(JSONB, default=list)

    @property
    def calendar(self) -> Calendar:
        """The same calendar for the same content, so that what it has worked out is kept. Raises ValueError."""
        hours = tuple(tuple((begin, end) for begin, end in spans) for spans in self.hours)
        return _calendar(self.zone, hours, self.holidays, tuple(self.days_off))

    @property
    def week(self) -> list[tuple[str, str]]:
        """The week in words: [("Mon-Fri", "9:00-17:00"), …]."""
        return week_words(self.hours)

    def tell(self, field: str, value: Any) -> Any:
        if field == "hours" and value is not None:
            return "; ".join(f"{days} {words}" for days, words in week_words(value))
        if field == "days_off" and value is not None:
            return ", ".join(value) or "none"
        return super().tell(field, value)


@lru_cache(maxsize=128)
def _calendar(zone: str, hours: Any, holidays: str, days_off: tuple[str, ...]) -> Calendar:
    also = frozenset(date.fromisoformat(day) for day in days_off)
    return Calendar(zone, hours, DaysOff(_KEPT[Holidays(holidays)], also))
