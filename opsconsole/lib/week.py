"""The hours of a week as people write and read them: "9:00-12:00, 13:00-17:00"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby, pairwise

from .business_time import DAY, Spans

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SPAN = re.compile(r"(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)")


def spans_of(text: str) -> Spans:
    """The spans of one day; none for an empty text. One that ends before it begins goes on past midnight.

    Raises ValueError, with a sentence for people.
    """
    found: list[tuple[int, int]] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        if not (told := _SPAN.fullmatch(part)):
            raise ValueError("Write hours like 9:00-12:00, 13:00-17:00, or nothing for a day off.")
        hour, minute, last_hour, last_minute = map(int, told.groups())
        begin, end = hour * 60 + minute, last_hour * 60 + last_minute
        if hour > 23 or minute > 59 or last_minute > 59 or end > DAY:
            raise ValueError(f"There is no such time of day: {part}.")
        found.append((begin, end if end > begin else end + DAY))
    if any(later[0] < before[1] for before, later in pairwise(found)):
        raise ValueError("These hours overlap, or do not follow each other.")
    return tuple(found)


def spans_words(spans: Sequence[Sequence[int]]) -> str:
    """What `spans_of` reads as the same; "" for a day off."""
    return ", ".join(f"{_clock(begin)}-{_clock(end, ends=True)}" for begin, end in spans)


def week_words(hours: Sequence[Sequence[Sequence[int]]]) -> list[tuple[str, str]]:
    """The week in as few lines as it takes: [("Mon-Fri", "9:00-17:00"), ("Sat, Sun", "closed")]."""
    lines: list[tuple[str, str]] = []
    week = zip(DAYS, (spans_words(spans) or "closed" for spans in hours), strict=True)
    for words, days in groupby(week, key=lambda day: day[1]):
        names = [name[:3] for name, _ in days]
        label = f"{names[0]}-{names[-1]}" if len(names) > 2 else ", ".join(names)
        lines.append((label, "all day" if words == f"0:00-{DAY // 60}:00" else words))
    return lines


def _clock(minute: int, *, ends: bool = False) -> str:
    minute = minute if minute <= DAY and (ends or minute < DAY) else minute - DAY
    return f"{minute // 60}:{minute % 60:02}"
