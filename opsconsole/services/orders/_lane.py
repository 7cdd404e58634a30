"""What an order's lanes are made of: spans of time, points in it, gates, and who has the ball."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from ...models import Holder, Stateful, StatusMove

S = TypeVar("S", bound=StrEnum)


class Look(StrEnum):
    """How a span is drawn: somebody works or waits, it stands still, it is at rest, nothing is known or begun."""

    WAIT = "wait"
    STOP = "stop"
    REST = "rest"
    BLANK = "blank"


@dataclass(frozen=True)
class Span:
    """One state over a time. `until` is None while it lasts, `due` is when it has lasted longer than usual."""

    state: str
    since: datetime
    until: datetime | None
    says: str
    tone: str
    look: Look
    holder: Holder
    due: datetime | None = None

    def late(self, now: datetime) -> bool:
        return self.due is not None and (self.until or now) > self.due


@dataclass(frozen=True)
class Point:
    """One moment of a lane. `gate` names the gate that was passed then."""

    state: str
    at: datetime
    says: str
    tone: str
    shape: str
    gate: str | None = None


@dataclass(frozen=True)
class Lane:
    """One axis of an order: money, prescription or parcel. Spans follow each other and do not overlap."""

    name: str
    label: str
    spans: Sequence[Span]
    points: Sequence[Point]

    @property
    def current(self) -> Span:
        return self.spans[-1]


class Passed(StrEnum):
    """What became of a gate."""

    PASSED = "passed"
    AHEAD = "ahead"
    NEVER = "never"  # the order ended before
    UNNEEDED = "unneeded"
    UNKNOWN = "unknown"  # nobody told us


@dataclass(frozen=True)
class Gate:
    """A joint between lanes. `at` is None also when it was passed and nobody wrote down when. `by` is when one that is
    ahead should be passed, if nothing takes longer than usual."""

    code: str
    label: str
    lane: str
    passed: Passed
    at: datetime | None = None
    by: datetime | None = None


@dataclass(frozen=True)
class Awaited:
    """What an order that is ready waits for before it may go, and whose move that is."""

    who: Holder
    says: str


@dataclass(frozen=True)
class Ball:
    """Who has to act next, since when, and the sentence that says what is awaited."""

    who: Holder
    since: datetime
    says: str
    late: bool = False


@dataclass(frozen=True)
class Step(Generic[S]):
    """One status of a record over a time; None where nobody wrote it down."""

    status: S | None
    since: datetime
    until: datetime | None


_AT_ONCE = timedelta(minutes=5)  # between two instants that are one for people


def steps(kind: type[S], record: Stateful, start: datetime, moves: Sequence[StatusMove]) -> list[Step[S]]:
    """A record's statuses in order, from its moves; without any, only what the record itself knows."""
    known: list[tuple[datetime, S | None]]
    if moves:
        known = [(min(start, moves[0].at), kind(moves[0].before))]
        known += [(move.at, kind(move.after)) for move in moves]
    elif record.status_since - start > _AT_ONCE and _led_to(record):
        known = [(start, None), (record.status_since, kind(record.status))]
    else:
        known = [(start, kind(record.status))]
    ends = [at for at, _ in known[1:]]
    return [Step(status, at, end) for (at, status), end in zip(known, [*ends, None], strict=True)]


def _led_to(record: Stateful) -> bool:
    """Whether it can have been something else before."""
    return any(record.status in targets for targets in record.MOVES.values())


def joined(spans: Iterable[Span]) -> list[Span]:
    """Spans without those that took no time, those that go on unchanged made one."""
    found: list[Span] = []
    for span in spans:
        if span.until is not None and span.until <= span.since:
            continue
        if found and (found[-1].state, found[-1].says) == (span.state, span.says):
            found[-1] = replace(found[-1], until=span.until)
        else:
            found.append(span)
    return found


def business_days(since: datetime, days: int) -> datetime:
    """So many days later, Saturdays and Sundays not counted."""
    at = since
    while days:
        at += timedelta(days=1)
        days -= at.weekday() < 5
    return at
