"""Settling an event: fetch the object it is about as it stands now, and let an act take that in.

The payload is only a hint. Events of one object are settled one at a time, and everything that was
recorded before the fetch is settled by it: duplicates, disorder and late arrivals come to the same end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import func, select, text, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import defer

from ... import vendors
from ...db import db, instant
from ...lib import crash, ids
from ...lib.cause import Cause, because
from ...models import AuditEntry, Case, CaseStatus, EventStatus, InboxEvent
from .. import cases
from .._act import Act
from .._actor import robot
from .._transaction import Busy, again_after_deadlock, transaction
from ..outbox import breaker, lock_of, outage_since

log = structlog.get_logger("inbox")

GIVE_UP_AFTER = timedelta(hours=24)
FAULTS_ALLOWED = 5
RESCUED_AFTER = timedelta(seconds=2)  # when whoever settles it dies; others find its lock and leave
POISON = "poison_payload"
NONE_OF_OURS = "It is about nothing that we know."
NOBODY_NEEDS_IT = "Nothing here depends on events of this kind."


@dataclass(frozen=True)
class Lookup:
    """What a port needs to find the object of an event, and the trace that led to it, where we know one."""

    arguments: tuple[str, ...]
    trace: str | None = None


def _by_its_id(object_id: str) -> Lookup:
    return Lookup((object_id,))


@dataclass(frozen=True)
class Route:
    """How events of one kind are settled: `fetch` is a method of `port`, `act` takes what it gives.

    `lookup` makes an object's id the port method's arguments; None of it is none of ours.
    """

    act: Act
    port: str
    fetch: str
    lookup: Callable[[str], Lookup | None]

    def found(self, arguments: tuple[str, ...]) -> Any:
        """The object as the vendor has it now. Talks to the vendor: no transaction may be open."""
        return getattr(vendors.port(self.port), self.fetch)(*arguments)


ROUTES: dict[tuple[str, str], Route] = {}
IGNORED: dict[str, frozenset[str]] = {}


def route(
    source: str,
    kinds: list[str],
    *,
    act: Act,
    fetch: str,
    lookup: Callable[[str], Lookup | None] = _by_its_id,
) -> None:
    """Settle events of these kinds by `act`, with what `fetch` ("port.method") finds."""
    port, method = fetch.split(".")
    for kind in kinds:
        ROUTES[source, kind] = Route(act, port, method, lookup)


def needed(source: str, kind: str, object_id: str | None) -> Route | None:
    """How such an event is settled, None if nothing here depends on it."""
    return ROUTES.get((source, kind)) if object_id else None


def ignores(source: str, kinds: set[str]) -> None:
    """Events of these kinds are kept and need nothing."""
    IGNORED[source] = frozenset(kinds)


_DUE = text(
    """
    select distinct on (coalesce(object_id, id)) id, attempts, due_at from inbox_events
    where status = 'received' and due_at <= instant()
    order by coalesce(object_id, id), due_at limit :limit
    """
)


def due(limit: int = 200) -> list[tuple[str, int]]:
    """Events that a worker could settle now, at most one per object, as (id, attempts so far)."""
    rows = sorted(db.session.execute(_DUE, {"limit": limit}), key=lambda row: row.due_at)
    return [(row.id, row.attempts) for row in rows]


def settle(event_id: str, *, connection: Connection) -> str | None:
    """Settle an event and all of its object's that were recorded before the fetch.

    Returns the new status, "later" when the vendor gave no answer, None when somebody else is at it.
    """
    event = db.session.get(InboxEvent, event_id)
    if event is None or event.status != EventStatus.RECEIVED:
        return None
    key = lock_of(f"{event.source} {event.object_id or event.id}")
    if not connection.execute(select(func.pg_try_advisory_lock(key))).scalar():
        return None
    try:
        return _settle(event_id)
    finally:
        if not connection.closed:
            connection.execute(select(func.pg_advisory_unlock(key)))


def _settle(event_id: str) -> str | None:
    event = _claim(event_id)
    if event is None:
        return None
    crash.point("settle.claimed")
    how = needed(event.source, event.kind, event.object_id)
    if how is None:
        return _ignore(event.id, NOBODY_NEEDS_IT)
    if event.attempts > FAULTS_ALLOWED:
        return _to_a_person(event.id, "Every worker that tried to take it in died over it.")
    if not _admitted(how):
        return _wait(event, f"{vendors.name_of(event.source)} does not answer; held back until it does.")
    wanted = _wanted(how, event.object_id)
    if wanted is None:
        return _ignore(event.id, NONE_OF_OURS)
    fetched_at = event.claimed_at
    try:
        facts = how.found(wanted.arguments)
        crash.point("settle.fetched")
        if facts is None:
            return _ignore(event.id, f"{vendors.name_of(event.source)} no longer has {event.object_id}.")
        trace = event.trace or wanted.trace or ids.new("trc")
        status = again_after_deadlock(partial(_take_in, event, how, facts, fetched_at, trace))
        crash.point("settle.after")
        return status
    except vendors.Unavailable as failure:
        return _wait(event, failure.words, failed=how)
    except Busy as busy:
        return _wait(event, busy.message)
    except vendors.Declined as no:
        return _to_a_person(event.id, no.words)
    except Exception as error:
        if _database_away(error):
            raise
        log.exception("fault", inbox_event=event.id)
        words = f"{type(error).__name__} while settling it."
        return _to_a_person(event.id, words) if event.attempts >= FAULTS_ALLOWED else _later(event, words)


@dataclass(frozen=True)
class _Claimed:
    id: str
    source: str
    kind: str
    object_id: str | None
    trace: str | None
    attempts: int
    received_at: datetime
    claimed_at: datetime


def _claim(event_id: str) -> _Claimed | None:
    """Count the attempt before anything can go wrong, so that poison cannot come round for ever.

    An attempt that only had to wait (`_wait`) is taken off again: what remains are faults and deaths.
    """
    with transaction():
        row = db.session.execute(
            update(InboxEvent)
            .where(InboxEvent.id == event_id, InboxEvent.status == EventStatus.RECEIVED)
            .values(attempts=InboxEvent.attempts + 1, due_at=instant() + RESCUED_AFTER)
            .returning(
                InboxEvent.source, InboxEvent.kind, InboxEvent.object_id, InboxEvent.trace_id, InboxEvent.attempts,
                InboxEvent.created_at, instant().label("now"),
            )
            .execution_options(synchronize_session=False)
        ).first()  # fmt: skip
    if row is None:
        return None
    return _Claimed(
        event_id, row.source, row.kind, row.object_id, row.trace_id, row.attempts, row.created_at, row.now
    )


def _wanted(how: Route, object_id: str | None) -> Lookup | None:
    with transaction():
        return how.lookup(object_id or "")


def _take_in(event: _Claimed, how: Route, facts: Any, fetched_at: datetime, trace: str) -> str:
    with transaction(), because(Cause(trace, event.source, event.kind, event.id)):
        how.act(event.object_id, facts=facts, fetched_at=fetched_at, by=robot(event.source))
        entry = db.session.scalar(
            select(AuditEntry)
            .where(AuditEntry.trace_id == trace, AuditEntry.parent_id == event.id)
            .order_by(AuditEntry.id.desc())
            .limit(1)
        )
        breaker.answered(how.port, how.fetch)
        for recorded in _same_object(event, fetched_at):
            if recorded.status == EventStatus.MANUAL_INTERVENTION:
                cases.close_when_solved(POISON, recorded.id, "a later event settled it")
            settled_by(recorded, entry, trace)
    return EventStatus.SETTLED.value


def _same_object(event: _Claimed, fetched_at: datetime) -> list[InboxEvent]:
    """What was recorded of the object before it was fetched, and what of it waits for a person."""
    before = select(InboxEvent).where(
        InboxEvent.source == event.source,
        InboxEvent.object_id == event.object_id,
        InboxEvent.created_at <= fetched_at,
    )
    stuck = select(Case.subject_id).where(Case.reason == POISON, Case.status == CaseStatus.OPEN)
    waiting = before.where(InboxEvent.status == EventStatus.RECEIVED)
    given_up = before.where(
        InboxEvent.status == EventStatus.MANUAL_INTERVENTION, InboxEvent.id.in_(stuck.scalar_subquery())
    )
    found: list[InboxEvent] = []
    for query in (waiting, given_up):
        locked = query.options(defer(InboxEvent.body_sealed)).order_by(InboxEvent.id).with_for_update()
        found += db.session.scalars(locked)
    return [recorded for recorded in found if needed(recorded.source, recorded.kind, recorded.object_id)]


def settled_by(event: InboxEvent, entry: AuditEntry | None, trace: str) -> None:
    """Write beside the event which act took it in."""
    event.trace_id = event.trace_id or trace
    event.settled_by = entry.id if entry else None
    event.about = entry.about if entry else []
    event.words = entry.says if entry else None
    event.move_to(EventStatus.SETTLED)


@dataclass(frozen=True)
class Found:
    """What an event is about, as the vendor had it `at` that instant."""

    facts: Any
    at: datetime = field(compare=False)  # reading the same again is the same: a preview's hash holds

    @property
    def id(self) -> str:
        return self.facts.id


def about_now(event: InboxEvent) -> Found | None:
    """For a person's replay: the object as it stands now.

    None when no act settles such events or the vendor no longer has the object. Talks to the vendor,
    so no transaction may be open.
    """
    how = needed(event.source, event.kind, event.object_id)
    if how is None or event.object_id is None:
        return None
    wanted = how.lookup(event.object_id)
    at: datetime = db.session.scalar(select(instant()))  # type: ignore[assignment]
    db.session.rollback()
    facts = how.found(wanted.arguments) if wanted else None
    return Found(facts, at) if facts is not None else None


def _ignore(event_id: str, words: str) -> str:
    with transaction():
        event = InboxEvent.lock(event_id)
        event.words = words
        event.move_to(EventStatus.IGNORED)
    return EventStatus.IGNORED.value


def _later(event: _Claimed, words: str) -> str:
    """A fault of ours: again in 2, 4, 8 … seconds."""
    with transaction():
        locked = InboxEvent.lock(event.id)
        locked.words = words
        locked.due_at = instant() + timedelta(seconds=min(2.0**event.attempts, 60.0))
    return "later"


def _admitted(how: Route) -> bool:
    with transaction():
        return breaker.admits(how.port, how.fetch)


def _wait(event: _Claimed, words: str, *, failed: Route | None = None) -> str:
    """Nobody's fault: again soon, then every minute for a day, in which the time of an incident does not count. Nor does
    the attempt."""
    how = needed(event.source, event.kind, event.object_id)
    with transaction():
        if failed:
            breaker.failed(failed.port, failed.fetch, event.object_id or event.id, words)
        locked = InboxEvent.lock(event.id)
        age: timedelta = db.session.scalar(select(instant())) - locked.created_at  # type: ignore[operator]
        if age < GIVE_UP_AFTER or (how and age - outage_since(how.port, locked.created_at) < GIVE_UP_AFTER):
            locked.words = words
            locked.attempts -= 1
            locked.due_at = instant() + min(max(age / 4, timedelta(seconds=1)), timedelta(seconds=60))
            return "later"
    return _to_a_person(event.id, words)


def _to_a_person(event_id: str, words: str) -> str:
    with transaction():
        event = InboxEvent.lock(event_id)
        event.words = words
        event.move_to(EventStatus.MANUAL_INTERVENTION)
        cases.open_case(
            POISON,
            event.id,
            says=f"{vendors.name_of(event.source)} told us {event.kind} and it could not be taken in: {words}",
            behind_id=event.id,
            suggests={
                "act": "inbox.replay",
                "url": f"{event.url}/replay",
                "label": "See what a replay would do",
            },
            about=event.about,
        )
    return EventStatus.MANUAL_INTERVENTION.value


def _database_away(error: Exception) -> bool:
    return isinstance(error, OperationalError | InterfaceError)
