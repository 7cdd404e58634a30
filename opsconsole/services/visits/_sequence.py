"""When a patient is reminded: pure, from the policy, an instant and a time zone. Days are counted on the calendar there, at
the same time of day; who would be written to at night is written to in the morning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Step:
    """One step of a sequence, from 1; the `last` one closes the visit."""

    step: int
    last: bool
    due_at: datetime


def sequence(
    steps: Sequence[tuple[int, bool]], began_at: datetime, zone: str, quiet_from: time, quiet_until: time
) -> list[Step]:
    """The steps [(day, is it the last)] of what began to wait at `began_at`. Closing disturbs nobody, whatever the hour."""
    there = began_at.astimezone(ZoneInfo(zone))
    found = []
    for number, (day, last) in enumerate(steps, 1):
        at = datetime.combine(there.date() + timedelta(days=day), there.time(), there.tzinfo)
        due = at if last else after_quiet(at, quiet_from, quiet_until)
        found.append(Step(number, last, due.astimezone(UTC)))
    return found


def after_quiet(at: datetime, quiet_from: time, quiet_until: time) -> datetime:
    """That moment, or the end of the quiet hours that it falls into, where `at` is. The hours may go over midnight."""
    hour = at.timetz().replace(tzinfo=None)
    over_midnight = quiet_from > quiet_until
    quiet = hour >= quiet_from or hour < quiet_until if over_midnight else quiet_from <= hour < quiet_until
    if not quiet:
        return at
    morning = at.date() + timedelta(days=1 if over_midnight and hour >= quiet_from else 0)
    return datetime.combine(morning, quiet_until, at.tzinfo)
