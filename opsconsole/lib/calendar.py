"""Days on which carriers in the United States work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from functools import cache

MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
# Which day it is, is asked in the middle of the country. Nothing that is counted here turns on an hour.
CENTRAL = timezone(timedelta(hours=-6))

# 5 U.S.C. 6103: each year's day of every federal holiday.
HOLIDAYS: dict[str, Callable[[int], date]] = {
    "New Year's Day": lambda year: date(year, 1, 1),
    "Martin Luther King Day": lambda year: _nth(year, 1, MONDAY, 3),
    "Washington's Birthday": lambda year: _nth(year, 2, MONDAY, 3),
    "Memorial Day": lambda year: _last(year, 5, MONDAY),
    "Juneteenth": lambda year: date(year, 6, 19),
    "Independence Day": lambda year: date(year, 7, 4),
    "Labor Day": lambda year: _nth(year, 9, MONDAY, 1),
    "Columbus Day": lambda year: _nth(year, 10, MONDAY, 2),
    "Veterans Day": lambda year: date(year, 11, 11),
    "Thanksgiving": lambda year: _nth(year, 11, THURSDAY, 4),
    "Christmas": lambda year: date(year, 12, 25),
}
# The few on which private carriers rest too.
MAJOR = frozenset(
    {"New Year's Day", "Memorial Day", "Independence Day", "Labor Day", "Thanksgiving", "Christmas"}
)

_MOVED = {SATURDAY: -1, SUNDAY: 1}


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _last(year: int, month: int, weekday: int) -> date:
    next_month = date(year, month + 1, 1)
    return next_month - timedelta(days=(next_month.weekday() - weekday - 1) % 7 + 1)


@cache
def days_off(year: int, kept: frozenset[str]) -> frozenset[date]:
    """The days of these holidays; one that falls on a Sunday is kept on the Monday after it."""
    days = (HOLIDAYS[name](year) for name in kept)
    return frozenset(day + timedelta(days=1) if day.weekday() == SUNDAY else day for day in days)


@cache
def office_days_off(year: int, kept: frozenset[str]) -> frozenset[date]:
    """The same as offices keep them: one that falls on a Saturday is kept on the Friday before it (5 U.S.C. 6103 (b)),
    which for New Year's Day may be a day of this year."""
    days = (HOLIDAYS[name](of) for of in (year, year + 1) for name in kept)
    moved = (day + timedelta(days=_MOVED.get(day.weekday(), 0)) for day in days)
    return frozenset(day for day in moved if day.year == year)


def works(day: date, *, saturdays: bool, holidays: frozenset[str]) -> bool:
    if day.weekday() == SUNDAY or (day.weekday() == SATURDAY and not saturdays):
        return False
    return day not in days_off(day.year, holidays)


def working_days_later(since: datetime, days: int, *, saturdays: bool, holidays: frozenset[str]) -> datetime:
    """The same time of day, so many working days later."""
    at = since
    while days > 0:
        at += timedelta(days=1)
        days -= works(at.astimezone(CENTRAL).date(), saturdays=saturdays, holidays=holidays)
    return at


def over(day: date) -> datetime:
    """When a day is over in all of the country: at midnight in Hawaii."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), timezone(timedelta(hours=-10)))
