"""A trace: one cause and all it led to, from the click to the settled webhook."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, not_, or_, select

from ...db import db
from ...lib.refusal import NotFound
from ...models import (
    AuditEntry,
    Case,
    CaseStatus,
    EventStatus,
    InboxEvent,
    Message,
    MessageStatus,
    Promise,
    PromiseStatus,
    Refund,
    RefundStatus,
)
from .._actor import Actor
from ._timeline import Entry, gather, hidden, readable


@dataclass(frozen=True)
class Waiting:
    """Something that has yet to happen, and since when it has been waited for."""

    says: str
    since: datetime


@dataclass(frozen=True)
class Branch:
    """An entry and what it led to, with where both stand in the trace: `start`, `took` and `spans` in hundredths of the
    trace's whole length. `took` is None for what happens in an instant; `spans` reaches to the end of all it led to."""

    entry: Entry
    led_to: list[Branch]
    start: float
    took: float | None
    spans: float

    @property
    def duration(self) -> timedelta | None:
        return self.entry.ended_at - self.entry.at if self.entry.ended_at else None

    @property
    def followers(self) -> int:
        """How many entries it led to, and they."""
        return sum(1 + branch.followers for branch in self.led_to)


@dataclass(frozen=True)
class Trace:
    """Entries oldest first, and what has yet to happen."""

    id: str
    entries: list[Entry]
    waits: list[Waiting]

    @property
    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "entries": [entry.as_json for entry in self.entries],
            "waiting_for": [wait.says for wait in self.waits],
        }

    @property
    def began(self) -> datetime:
        return self.entries[0].at

    @property
    def lasted(self) -> timedelta:
        """From the first entry to the end of the last."""
        return max(entry.ended_at or entry.at for entry in self.entries) - self.began

    def tree(self) -> list[Branch]:
        """The entries that nothing here led to, each with its branches, oldest first."""
        known = {entry.id for entry in self.entries}
        below: dict[str | None, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            below[entry.parent if entry.parent in known else None].append(entry)
        return [self._branch(root, below) for root in below[None]]

    def _branch(self, entry: Entry, below: dict[str | None, list[Entry]]) -> Branch:
        led_to = [self._branch(one, below) for one in below[entry.id]]
        start = self._hundredths(entry.at - self.began)
        ended = self._hundredths((entry.ended_at or entry.at) - self.began)
        reaches = max([ended, *(branch.start + branch.spans for branch in led_to)])
        return Branch(entry, led_to, start, ended - start if entry.ended_at else None, reaches - start)

    def _hundredths(self, since: timedelta) -> float:
        return round(100 * (since / self.lasted), 2) if self.lasted else 0.0


Waits = Callable[[str, Actor], Iterable[Waiting]]
_more: list[Waits] = []


def waits(told: Waits) -> Waits:
    """Mark what knows of more that a trace waits for: given its id, as far as the reader may see it."""
    _more.append(told)
    return told


def trace(trace_id: str, *, by: Actor) -> Trace:
    """The trace of that id as `by` may see it, or NotFound."""
    if not trace_id.isascii() or len(trace_id) > 40 or "\x00" in trace_id:
        raise NotFound("There is no such trace.")
    promised = _promised(trace_id)
    chosen = {
        "act": AuditEntry.trace_id == trace_id,
        "attempt": promised,
        "event": InboxEvent.trace_id == trace_id,
        "case": Case.trace_id == trace_id,
        "message": Message.trace_id == trace_id,
    }
    entries = _visible(gather(chosen, by=by, limit=1000))
    if not entries:
        raise NotFound(f"There is no trace {trace_id}.")
    return Trace(trace_id, entries, sorted(_waits(trace_id, promised, by), key=lambda wait: wait.since))


def _promised(trace_id: str) -> ColumnElement[bool]:
    """The promises that its acts made, and older ones that they sent out again."""
    again = db.session.scalars(
        select(func.unnest(AuditEntry.promises)).where(AuditEntry.trace_id == trace_id)
    )
    return or_(Promise.trace_id == trace_id, Promise.id.in_(again.all()))


def _visible(entries: list[Entry]) -> list[Entry]:
    """Without what the reader may not see; what that led to hangs from what led to it."""
    parents = {entry.id: entry.parent for entry in entries if entry.hidden}

    def seen(parent: str | None) -> str | None:
        while parent in parents:
            parent = parents[parent]
        return parent

    return [replace(entry, parent=seen(entry.parent)) for entry in entries if not entry.hidden]


def _waits(trace_id: str, promised: ColumnElement[bool], by: Actor) -> Iterator[Waiting]:
    for promise in _those(
        select(Promise).where(promised, Promise.status.in_([PromiseStatus.WAITING, PromiseStatus.CLAIMED])),
        func.split_part(Promise.kind, ".", 1),
        by,
    ):
        last = f" (last try: {promise.last_words})" if promise.last_words else ""
        yield Waiting(f"{promise.says}{last}", promise.status_since)
    unsettled = [RefundStatus.PENDING, RefundStatus.REQUIRES_ACTION]
    for refund in _those(_of(Refund, trace_id, unsettled), literal("refunds"), by):
        yield Waiting(f"Stripe to settle the refund of {refund.money}", refund.status_since)
    unproven = [MessageStatus.SUBMITTED, MessageStatus.SENT]
    for message in _those(_of(Message, trace_id, unproven), literal("messages"), by):
        words = message.template.replace("_", " ")
        yield Waiting(f"Customer.io to tell what became of the message {words}", message.status_since)
    received = _of(InboxEvent, trace_id, [EventStatus.RECEIVED])
    for event in _those(received, func.concat(InboxEvent.object_kind, "s"), by):
        yield Waiting(f"{event.kind} to be settled", event.status_since)
    for case in _those(_of(Case, trace_id, [CaseStatus.OPEN]), literal("cases"), by):
        yield Waiting(f"Somebody to deal with a case: {case.says}", case.status_since)
    for told in _more:
        yield from told(trace_id, by)


def _of(noun: Any, trace_id: str, statuses: list[Any]) -> Select[Any]:
    return select(noun).where(noun.trace_id == trace_id, noun.status.in_(statuses))


def _those(query: Select[Any], noun: Any, by: Actor) -> Iterable[Any]:
    """What the reader may see of them."""
    return db.session.scalars(query.where(not_(hidden(noun))), readable(by))
