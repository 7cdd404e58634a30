"""Open time: later and between are each other's inverse and agree with counting minutes on the clock on the wall."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsconsole.lib.business_time import (
    ALWAYS,
    NEVER,
    OFFICE,
    Calendar,
    DaysOff,
    Limit,
    Pause,
    between,
    later,
)
from opsconsole.lib.calendar import HOLIDAYS

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NONE: tuple[tuple[int, int], ...] = ()
NINE_TO_FIVE = ((540, 1020),)
# Zones, each with a day on which its clocks are changed and one on which nothing happens. Lord Howe changes by half an
# hour, Santiago at midnight, Dublin's winter is its saving time, Apia left out a day.
TURNS = {
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1), date(2026, 7, 4)),
    "America/Phoenix": (date(2026, 3, 8), date(2026, 12, 25)),
    "America/Santiago": (date(2026, 4, 5), date(2026, 9, 6)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "Europe/Dublin": (date(2026, 3, 29), date(2026, 10, 25)),
    "Pacific/Apia": (date(2011, 12, 30), date(2012, 1, 1)),
}


@st.composite
def weeks(draw: st.DrawFn) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Weeks with split shifts and shifts over midnight, with days on which nobody is there."""
    days = []
    for _ in range(7):
        marks = sorted(draw(st.sets(st.integers(0, 1439), max_size=4)))
        spans = [(a, b) for a, b in zip(marks[::2], marks[1::2], strict=False)]
        if len(marks) % 2:
            spans.append((marks[-1], draw(st.integers(marks[-1] + 1, marks[-1] + 1440))))
        days.append(tuple(spans))
    if not any(days):
        days[draw(st.integers(0, 6))] = NINE_TO_FIVE
    return tuple(days)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    """A calendar and a moment within two days of a change of its clocks."""
    zone = draw(st.sampled_from(sorted(TURNS)))
    turn = draw(st.sampled_from(TURNS[zone]))
    off = draw(st.frozensets(st.integers(-2, 3), max_size=2))
    days_off: object = frozenset(turn + timedelta(days=n) for n in off)
    if draw(st.booleans()):
        days_off = DaysOff(frozenset(HOLIDAYS), days_off)  # type: ignore[arg-type]
    calendar = Calendar(zone, draw(weeks()), days_off)  # type: ignore[arg-type]
    midnight = datetime.combine(turn, time(), UTC)
    return calendar, midnight + draw(st.integers(-2 * 1440, 2 * 1440)) * MINUTE


amounts = st.integers(0, 40 * 60 * 60 * 10**6).map(lambda n: timedelta(microseconds=n))


@st.composite
def pauses(draw: st.DrawFn, around: datetime, lasting: bool = False) -> list[Pause]:
    found: list[Pause] = []
    for _ in range(draw(st.integers(0, 3))):
        begin = around + draw(st.integers(-3000, 5000)) * MINUTE
        ends = draw(st.integers(0, 2000))
        found.append((begin, None if lasting and ends == 0 else begin + ends * MINUTE))
    return found


def naive(calendar: Calendar, start: datetime, minutes: int, stands: list[Pause]) -> list[bool]:
    """Whether each minute is open, by looking at the clock on the wall."""
    zone, found = ZoneInfo(calendar.zone), []
    for n in range(minutes):
        at = start + n * MINUTE
        wall = at.astimezone(zone).replace(tzinfo=None)
        paused = any(begin <= at and (end is None or at < end) for begin, end in stands)
        found.append(not paused and any(_shows(calendar, wall, back) for back in (0, 1)))
    return found


def _shows(calendar: Calendar, wall: datetime, back: int) -> bool:
    day = wall.date() - timedelta(days=back)
    minute = wall.hour * 60 + wall.minute + 1440 * back
    return not calendar.off(day) and any(a <= minute < b for a, b in calendar.hours[day.weekday()])


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_it_is_what_counting_minutes_comes_to(data: st.DataObject) -> None:
    calendar, start = data.draw(scenes())
    stands = data.draw(pauses(start, lasting=True))
    open_minutes = naive(calendar, start, 3 * 1440, stands)
    end = data.draw(st.integers(0, len(open_minutes)))
    worked = sum(open_minutes[:end])
    assert between(start, start + end * MINUTE, calendar, stands) == worked * MINUTE
    if worked:
        last = [n for n, is_open in enumerate(open_minutes[:end]) if is_open][-1]
        assert later(start, worked * MINUTE, calendar, stands) == start + (last + 1) * MINUTE


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_later_and_between_undo_each_other(data: st.DataObject) -> None:
    calendar, since = data.draw(scenes())
    stands = data.draw(pauses(since))
    amount, more = data.draw(amounts), data.draw(amounts)
    at = later(since, amount, calendar, stands)
    assert at >= since
    assert between(since, at, calendar, stands) == amount
    # It adds up, and what comes later ends later.
    further = later(at, more, calendar, stands)
    assert further >= at
    assert further == later(since, amount + more, calendar, stands)
    assert between(since, further, calendar, stands) == amount + more
    assert later(since + more, amount, calendar, stands) >= at
    # Cut anywhere, the parts sum to the whole, and the standing time is what is missing.
    cut = since + data.draw(amounts)
    parts = between(since, cut, calendar, stands) + between(cut, further, calendar, stands)
    assert parts == between(since, further, calendar, stands)
    assert between(further, since, calendar, stands) == -(amount + more)
    assert parts <= between(since, further, calendar) <= further - since
    # And backwards.
    before = later(further, -(amount + more), calendar, stands)
    assert between(before, further, calendar, stands) == amount + more
    assert before >= since or amount + more == timedelta(0)


def test_a_shift_over_a_change_of_clocks_is_as_long_as_it_really_is() -> None:
    night = Calendar(
        "America/New_York", (*[NONE] * 5, ((22 * 60, 30 * 60),), NONE)
    )  # Saturday 22:00 to Sunday 6:00
    for day, hours in ((date(2026, 3, 7), 7), (date(2026, 10, 31), 9), (date(2026, 6, 6), 8)):
        start = datetime.combine(day, time(12), ZoneInfo("America/New_York"))
        assert between(start, start + DAY, night) == hours * HOUR
    # What begins in an hour that is left out begins when the clock goes on.
    early = Calendar("America/New_York", (*[NONE] * 6, ((150, 300),)))
    assert later(datetime(2026, 3, 8, tzinfo=UTC), HOUR, early) == datetime(2026, 3, 8, 8, tzinfo=UTC)


def test_an_office_is_closed_on_holidays_of_any_year() -> None:
    for start, end in (
        (datetime(2026, 11, 25, 20), datetime(2026, 11, 27, 20)),  # the Wednesday before Thanksgiving, 15:00
        (datetime(2026, 7, 2, 20), datetime(2026, 7, 6, 20)),  # the 4th is a Saturday: Friday is off
        (datetime(2021, 12, 30, 21), datetime(2022, 1, 3, 21)),  # New Year's Day of 2022 is kept in 2021
        (datetime(2039, 12, 23, 21), datetime(2039, 12, 27, 21)),  # Christmas is a Sunday: Monday is off
    ):
        assert later(start.replace(tzinfo=UTC), 8 * HOUR, OFFICE) == end.replace(tzinfo=UTC), start
    assert later(datetime(2026, 1, 1, tzinfo=UTC), 8 * HOUR, ALWAYS) == datetime(2026, 1, 1, 8, tzinfo=UTC)


def test_a_clock_that_stands_does_not_run_out() -> None:
    start = datetime(2026, 6, 1, 14, tzinfo=UTC)  # Monday, 10:00
    held = [(start + HOUR, None)]
    assert later(start, HOUR, OFFICE, held) == start + HOUR
    assert later(start, 2 * HOUR, OFFICE, held) == NEVER
    assert between(start, start + 9 * DAY, OFFICE, held) == HOUR
    assert later(start, timedelta(0), OFFICE, [(start - HOUR, None)]) == start


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("Mars/Olympus", (NINE_TO_FIVE,) * 7),
        ("UTC", (NONE,) * 7),
        ("UTC", (NINE_TO_FIVE,) * 6),
        ("UTC", (((540, 540),),) * 7),
        ("UTC", (((540, 700), (699, 800)),) * 7),
        ("UTC", (((1440, 1500),),) * 7),
        ("UTC", (((10, 1451),),) * 7),
    ],
)
def test_calendars_that_make_no_sense_are_refused(zone: str, hours: object) -> None:
    with pytest.raises(ValueError):
        Calendar(zone, hours)  # type: ignore[arg-type]


def test_who_is_closed_for_good_says_so_instead_of_looking_for_ever() -> None:
    closed = Calendar("UTC", (NINE_TO_FIVE,) * 7, lambda year: _all_of(year) if year >= 2027 else frozenset())
    start = datetime(2026, 12, 31, 9, tzinfo=UTC)
    assert later(start, 8 * HOUR, closed) == start + 8 * HOUR
    assert later(start, 9 * HOUR, closed) == NEVER
    with pytest.raises(ValueError):
        Limit(2 * HOUR, HOUR)


def _all_of(year: int) -> frozenset[date]:
    first = date(year, 1, 1)
    return frozenset(first + timedelta(days=n) for n in range(366))


def test_it_is_fast() -> None:
    chance = random.Random(7)
    start = datetime(2026, 3, 1, tzinfo=UTC)
    asked = [
        (start + timedelta(seconds=chance.random() * 2e7), timedelta(hours=chance.random() * 80))
        for _ in range(30_000)
    ]
    began = process_time()
    for since, amount in asked:
        later(since, amount, OFFICE)
    assert process_time() - began < 2
