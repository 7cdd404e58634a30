"""How long something takes, as people say it."""

from __future__ import annotations

import re

_UNITS = (("y", 31_536_000), ("d", 86_400), ("h", 3600), ("min", 60))


def span_words(seconds: float) -> str:
    """One unit, rounded down, as people say it in a table: "3 d"."""
    whole = int(abs(seconds))
    for unit, length in _UNITS:
        if whole >= length:
            return f"{whole // length} {unit}"
    return f"{whole} s"


def long_words(seconds: float) -> str:
    """Its two largest units, rounded down: "3 d 4 h"."""
    left, found = int(abs(seconds)), list[tuple[int, str]]()
    for unit, length in _UNITS:
        count, left = divmod(left, length)
        if count or found:
            found.append((count, unit))
    return " ".join(f"{count} {unit}" for count, unit in found[:2] if count) or f"{left} s"


_MINUTES = {"min": 1, "m": 1, "h": 60, "d": 1440}
_PARTS = re.compile(r"(\d{1,6})\s*(min|m|h|d)")


def minutes_of(text: str) -> int:
    """Minutes of "30 min", "4 h", "3 d", "1 d 12 h"; below zero for "-30 d".

    Raises ValueError, with a sentence for people.
    """
    told = text.strip().replace("−", "-")
    parts = _PARTS.findall(told)
    if told.strip("-") == "0":
        return 0
    if not parts or _PARTS.sub("", told).strip() not in ("", "-") or told.find("-") > 0:
        raise ValueError("Write a time like 30 min, 4 h or 3 d.")
    minutes = sum(int(number) * _MINUTES[unit] for number, unit in parts)
    return -minutes if told.startswith("-") else minutes


def minutes_words(minutes: int, *, days: bool = True) -> str:
    """What `minutes_of` reads as the same: "1 d 12 h". Without `days`, nothing longer than hours: where a day has no 24."""
    left, found = abs(minutes), []
    for unit in ("d", "h", "min")[not days :]:
        count, left = divmod(left, _MINUTES[unit])
        if count:
            found.append(f"{count} {unit}")
    words = " ".join(found) or "0"
    return f"-{words}" if minutes < 0 else words
