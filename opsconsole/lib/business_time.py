"""Time that counts only while somebody is open: hours of the week in a time zone, less days off and pauses.

A moment is open when the clock on the wall of that zone says so: where an hour is left out in spring a shift over it has
one hour less, where one comes twice in autumn it has one hour more. Instants are aware datetimes; answers are in UTC and
exact to the microsecond.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .calendar import HOLIDAYS, MONDAY, SUNDAY, office_days_off

Spans = tuple[tuple[int, int], ...]
DAY = 24 * 60  # minutes
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND, _ONE_DAY = timedelta(microseconds=1), timedelta(days=1)
_ENDLESS = 1 << 62  # later than any instant, in microseconds
_EMPTY_YEARS = 5  # in a row: whoever is closed as long does not open any more
NEVER = datetime.max.replace(tzinfo=UTC)  # when a clock that stands still runs out


@dataclass(frozen=True)
class Limit:
    """How long something may take before it is warned of and before it is late, as a rule has it by default.

    `business`: counted in the hours of whoever has to act, not round the clock. Times before the moment that they are
    counted from are negative.
    """

    warn: timedelta
    breach: timedelta
    business: bool = False

    def __post_init__(self) -> None:
        if self.warn > self.breach:
            raise ValueError("what is warned of comes before what is late")


@dataclass(frozen=True)
class DaysOff:
    """The days of named holidays as offices keep them (`lib.calendar.HOLIDAYS`), and single days beside them."""

    holidays: frozenset[str] = frozenset()
    also: frozenset[date] = frozenset()

    def __call__(self, year: int) -> frozenset[date]:
        return office_days_off(year, self.holidays) | self.also


@dataclass(frozen=True)
class Calendar:
    """When somebody is open.

    `hours` has a tuple of spans for each day of the week, Monday first; a span is (from, until) in minutes since midnight
    on the wall. `until` may be past midnight (up to 24 hours after `from`): such a span belongs to the day it begins on.
    On a day off no span begins. `days_off` is the days, or a rule that tells those of a year.

    Raises ValueError for hours that make no sense, a zone that nobody knows, and for who is never open.
    """

    zone: str
    hours: tuple[Spans, Spans, Spans, Spans, Spans, Spans, Spans]
    days_off: frozenset[date] | Callable[[int], frozenset[date]] = frozenset()
    _years: dict[int, _Year] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"no such time zone: {self.zone}") from None
        if len(self.hours) != 7:
            raise ValueError("a week has seven days")
        for spans in self.hours:
            end = 0
            for begins, ends in spans:
                if not end <= begins < min(ends, DAY) or ends > begins + DAY:
                    raise ValueError("the spans of a day follow each other, each 24 hours long at most")
                end = ends
        if not any(self.hours):
            raise ValueError("it is never open")

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def off(self, day: date) -> bool:
        """Whether that day is off, whatever the week says."""
        days = self.days_off(day.year) if callable(self.days_off) else self.days_off
        return day in days

    def spans_of(self, day: date) -> Spans:
        """The spans that begin on that day, in minutes on the wall."""
        spans = self.hours[day.weekday()]
        return () if not spans or self.off(day) else spans

    def opens(self, day: date) -> Iterator[tuple[int, int]]:
        """The same spans, as microseconds since 1970."""
        if not (spans := self.spans_of(day)):
            return
        midnight = datetime.combine(day, time(), UTC)
        for since, until, offset in _offsets(self._zone, midnight):
            for begins, ends in spans:
                begin = max(since, midnight + timedelta(minutes=begins) - offset)
                end = min(until, midnight + timedelta(minutes=ends) - offset)
                if begin < end:
                    yield _count(begin), _count(end)

    def year(self, year: int) -> _Year:
        """What is open in a year of UTC; worked out once."""
        found = self._years.get(year)
        if found is None:
            found = self._years[year] = _Year(self, year)
        return found

    def worked(self, start: int, end: int) -> int:
        """Open microseconds from `start` until `end`, which is not before it."""
        first, last = _year_of(start), _year_of(end)
        whole = sum(self.year(year).total for year in range(first, last))
        return whole + self.year(last).until(end) - self.year(first).until(start)

    def forward(self, at: int, amount: int) -> int:
        """The first moment that has so many open microseconds between `at` and itself."""
        if not amount:
            return at
        year, empty = _year_of(at), 0
        left = amount + self.year(year).until(at)
        while left > (total := self.year(year).total):
            left, year, empty = left - total, year + 1, 0 if total else empty + 1
            if empty > _EMPTY_YEARS or year > _LAST_YEAR:
                return _ENDLESS
        return self.year(year).first_with(left)

    def back(self, at: int, amount: int) -> int:
        """The last moment that has so many open microseconds between itself and `at`."""
        if not amount:
            return at
        year, empty = _year_of(at), 0
        left = self.year(year).until(at) - amount
        while left < 0:
            year -= 1
            total = self.year(year).total
            left, empty = left + total, 0 if total else empty + 1
            if empty > _EMPTY_YEARS:
                raise ValueError("it was not open for as long as that")
        return self.year(year).last_with(left)


_LAST_YEAR = NEVER.year - 1


class _Year:
    """The open spans of one year, apart from each other and in order, with what was open before each."""

    def __init__(self, calendar: Calendar, year: int) -> None:
        start, end = _count(datetime(year, 1, 1, tzinfo=UTC)), _count(datetime(year + 1, 1, 1, tzinfo=UTC))
        day, last = date(year, 1, 1) - 3 * _ONE_DAY, date(year, 12, 31) + 2 * _ONE_DAY
        found: list[tuple[int, int]] = []
        while day <= last:
            found += calendar.opens(day)
            day += _ONE_DAY
        spans = [
            (max(begin, start), min(until, end)) for begin, until in found if begin < end and until > start
        ]
        self.begins: list[int] = []
        self.before: list[int] = []
        self.lengths: list[int] = []
        self.total = 0
        for begin, until in _merged(spans):
            self.begins.append(begin)
            self.before.append(self.total)
            self.lengths.append(until - begin)
            self.total += until - begin

    def until(self, at: int) -> int:
        """What was open from the year's beginning until then."""
        which = bisect_right(self.begins, at) - 1
        if which < 0:
            return 0
        return self.before[which] + min(at - self.begins[which], self.lengths[which])

    def first_with(self, amount: int) -> int:
        """The first moment until which so much was open, which is more than nothing."""
        which = bisect_left(self.before, amount) - 1
        return self.begins[which] + amount - self.before[which]

    def last_with(self, amount: int) -> int:
        """The last moment until which so much was open, which is less than all."""
        which = bisect_right(self.before, amount) - 1
        return self.begins[which] + amount - self.before[which]


Pause = tuple[datetime, datetime | None]


def later(since: datetime, amount: timedelta, calendar: Calendar, pauses: Iterable[Pause] = ()) -> datetime:
    """The first moment at which so much open time has passed since; `NEVER` if a pause lasts before it has.

    `pauses` are (from, until) in which the clock stands; None as `until` is a pause that lasts. They may overlap. For a
    negative amount the answer is the last moment from which so much open time passes until `since`.
    """
    at, left = _count(since), amount // _MICROSECOND
    stands = _pauses(pauses)
    if left < 0:
        return _instant(_earlier(at, -left, calendar, stands))
    for begin, end in stands:
        if end <= at:
            continue
        free = calendar.worked(at, begin) if begin > at else 0
        if free >= left:
            break
        if end == _ENDLESS:
            return NEVER
        at, left = end, left - free
    return _instant(calendar.forward(at, left))


def _earlier(at: int, left: int, calendar: Calendar, stands: Sequence[tuple[int, int]]) -> int:
    for begin, end in reversed(stands):
        if begin >= at:
            continue
        free = calendar.worked(end, at) if end < at else 0
        if free >= left:
            break
        at, left = begin, left - free
    return calendar.back(at, left)


def between(start: datetime, end: datetime, calendar: Calendar, pauses: Iterable[Pause] = ()) -> timedelta:
    """The open time from `start` until `end` in which the clock did not stand; negative if `end` is before `start`."""
    if end < start:
        return -between(end, start, calendar, pauses)
    first, last = _count(start), _count(end)
    open_for = calendar.worked(first, last)
    for begin, until in _pauses(pauses):
        begin, until = max(begin, first), min(until, last)
        if begin < until:
            open_for -= calendar.worked(begin, until)
    return timedelta(microseconds=open_for)


def _pauses(pauses: Iterable[Pause]) -> list[tuple[int, int]]:
    if not pauses:
        return []
    spans = [(_count(since), _ENDLESS if until is None else _count(until)) for since, until in pauses]
    return _merged(span for span in spans if span[0] < span[1])


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """In order, those that touch or overlap made one."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def _offsets(zone: ZoneInfo, midnight: datetime) -> list[tuple[datetime, datetime, timedelta]]:
    """The zone's offsets around a day and the two after it: from when, until when, how much."""
    since, found = midnight - _ONE_DAY, []
    offset = _offset(zone, since)
    for days in range(4):
        before, at = midnight + (days - 1) * _ONE_DAY, midnight + days * _ONE_DAY
        if (after := _offset(zone, at)) != offset:
            change = _change(zone, before, at, offset)
            found.append((since, change, offset))
            since, offset = change, after
    return [*found, (since, midnight + 4 * _ONE_DAY, offset)]


def _change(zone: ZoneInfo, before: datetime, after: datetime, offset: timedelta) -> datetime:
    """The second at which the offset ceases to hold, between two whole seconds."""
    low, high = 0, (after - before) // timedelta(seconds=1)
    while high - low > 1:
        middle = (low + high) // 2
        same = _offset(zone, before + timedelta(seconds=middle)) == offset
        low, high = (middle, high) if same else (low, middle)
    return before + timedelta(seconds=high)


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def _count(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _instant(count: int) -> datetime:
    return NEVER if count >= _ENDLESS else _EPOCH + timedelta(microseconds=count)


def _year_of(count: int) -> int:
    return (_EPOCH + timedelta(microseconds=count)).year


ALWAYS = Calendar("UTC", (((0, DAY),),) * 7)
OFFICE = Calendar(
    "America/New_York",
    tuple(((9 * 60, 17 * 60),) if MONDAY <= day < SUNDAY - 1 else () for day in range(7)),  # type: ignore[arg-type]
    DaysOff(frozenset(HOLIDAYS)),
)
