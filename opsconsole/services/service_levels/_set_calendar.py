"""Saying when somebody works: the company, the clinic, a pharmacy."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from sqlalchemy import func, select

from ...db import db
from ...lib.business_time import Calendar
from ...lib.refusal import Invalid
from ...lib.week import week_words
from ...models import Holidays, ServiceLevel, WorkCalendar
from .._act import act, performing, say, warn
from .._actor import Actor
from ._declare import codes
from ._levels import levels
from ._set_limit import SameAsBefore

_NAME = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")
MOST_DAYS = 200


@act
def set_calendar(
    *, name: str, zone: str, hours: list[Any], holidays: str, days_off: list[str], reason: str, by: Actor
) -> WorkCalendar:
    """Write down in which hours of the week somebody works, and on which days not: of a new name, or of one that is there.

    `hours` as in models/work_calendar.py, `days_off` as "2026-12-24". Holds from now on for what is open too. Raises
    SameAsBefore, Invalid.
    """
    days = sorted(set(days_off))
    _check(name, zone, hours, holidays, days, reason)
    query = select(WorkCalendar).where(WorkCalendar.name == name).with_for_update()
    found = db.session.scalar(query) or WorkCalendar(name=name, created_at=performing().now)
    before = (found.zone, found.hours, found.holidays, found.days_off)
    if before == (zone, hours, holidays, days):
        raise SameAsBefore("These are its hours already.")
    found.zone, found.hours, found.holidays, found.days_off = zone, hours, holidays, days
    found.add()
    warn(_counted_by(name))
    week = "; ".join(f"{days} {words}" for days, words in week_words(hours))
    say(f"{name} works {week} ({zone}): {reason.strip()}")
    return found


def _counted_by(name: str) -> str:
    """How much is counted in these hours: what was set so, and which rules' defaults are."""
    query = select(func.count()).where(ServiceLevel.calendar == name, ServiceLevel.active)
    held, rows = levels(), db.session.scalar(query) or 0
    defaults = sum(
        one.limit.business and held.hours_of(one.team) == name and held.row(one.code) is None
        for one in codes().values()
    )
    of_pharmacy = (
        ", and the business hours of what waits for that pharmacy"
        if name in held.of_pharmacy.values()
        else ""
    )
    limits = "1 limit counts" if rows + defaults == 1 else f"{rows + defaults} limits count"
    return f"{limits} in these hours{of_pharmacy}: what is open and not late yet is late at another time."


def _check(name: str, zone: str, hours: list[Any], holidays: str, days: list[str], reason: str) -> None:
    wrong = {}
    if not _NAME.fullmatch(name):
        wrong["name"] = ["Small letters, digits and hyphens, like pharmacy-truepill."]
    if holidays not in [one.value for one in Holidays]:
        wrong["holidays"] = [f"Choose one of: {', '.join(Holidays)}."]
    if len(days) > MOST_DAYS or not all(map(_is_day, days)):
        wrong["days_off"] = [f"Write days like 2026-12-24, at most {MOST_DAYS}."]
    if not 0 < len(reason.strip()) <= 500:
        wrong["reason"] = ["Say why, in at most 500 characters."]
    try:
        Calendar("UTC", tuple(tuple((begin, end) for begin, end in spans) for spans in hours))  # type: ignore[arg-type]
    except ValueError as error:
        wrong["hours"] = [f"Somebody has to work at some time: {error}."]
    try:
        Calendar(zone, (((0, 1),),) * 7)
    except ValueError:
        wrong["zone"] = ["Write a time zone like America/New_York."]
    if wrong:
        raise Invalid(wrong)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
