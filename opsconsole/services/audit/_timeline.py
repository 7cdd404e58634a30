"""The timeline: acts, attempts, events and cases of a record or a trace, strictly in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from ... import vendors
from ...db import db
from ...models import Attempt, AuditEntry, Case, InboxEvent, Promise, locate


@dataclass(frozen=True, order=True)
class Entry:
    """One thing that happened. `parent` is the entry that led to it; ties of `at` are broken by `id`."""

    at: datetime
    id: str
    kind: str = field(compare=False)
    name: str = field(compare=False)
    by: str = field(compare=False)
    says: str = field(compare=False)
    subject: str | None = field(compare=False)
    status: str | None = field(compare=False)
    external_id: str | None = field(compare=False)
    parent: str | None = field(compare=False)
    trace: str = field(compare=False)
    ended_at: datetime | None = field(compare=False, default=None)
    changes: list[dict[str, Any]] = field(compare=False, default_factory=list)

    @property
    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "parent": self.parent, "at": self.at.isoformat(), "kind": self.kind, "name": self.name,
            "by": self.by, "subject": self.subject, "says": self.says, "status": self.status,
            "external_id": self.external_id,
        }  # fmt: skip


def timeline(record_id: str, *, limit: int = 200) -> list[Entry]:
    """What happened to a record, newest first."""
    found = gather(
        AuditEntry.about.contains([record_id]),
        Promise.about.contains([record_id]),
        InboxEvent.about.contains([record_id]),
        Case.about.contains([record_id]),
        limit=limit,
    )
    return sorted(found, reverse=True)[:limit]


def gather(
    acts: ColumnElement[bool],
    promises: ColumnElement[bool],
    events: ColumnElement[bool],
    cases: ColumnElement[bool],
    *,
    limit: int,
) -> Iterable[Entry]:
    """The newest `limit` entries of each kind that the conditions choose."""
    for entry in db.session.scalars(
        select(AuditEntry).where(acts).order_by(AuditEntry.created_at.desc()).limit(limit)
    ):
        yield Entry(
            entry.created_at, entry.id, "act", entry.act, entry.by, entry.says,
            locate(entry.subject) if entry.subject else None, None, None,
            entry.within or entry.parent_id, entry.trace_id, changes=entry.changes,
        )  # fmt: skip
    tried = select(Attempt, Promise).join(Promise, Attempt.promise_id == Promise.id).where(promises)
    for attempt, promise in db.session.execute(tried.order_by(Attempt.started_at.desc()).limit(limit)):
        yield Entry(
            attempt.started_at, attempt.id, "attempt", promise.kind, attempt.worker, _attempted(attempt, promise),
            locate(promise.subject_id), attempt.outcome or "running", (attempt.answer or {}).get("id"),
            promise.entry_id, promise.trace_id, ended_at=attempt.ended_at,
        )  # fmt: skip
    for event in db.session.scalars(
        select(InboxEvent).where(events).order_by(InboxEvent.created_at.desc()).limit(limit)
    ):
        yield Entry(
            event.created_at, event.id, "event", event.kind, event.source,
            f"{vendors.name_of(event.source)} told us: {event.kind}" + (f". {event.words}" if event.words else ""),
            event.url, event.status, event.external_id, None, event.trace_id or "",
        )  # fmt: skip
    for case in db.session.scalars(select(Case).where(cases).order_by(Case.created_at.desc()).limit(limit)):
        yield Entry(
            case.created_at, case.id, "case", case.reason, "console", case.says, case.url, case.status, None,
            case.entry_id, case.trace_id,
        )  # fmt: skip


_OUTCOMES = {
    "kept": "done",
    "unavailable": "no definite answer",
    "declined": "declined",
    "error": "a fault of ours",
    "lost": "the worker died meanwhile",
    None: "asking now",
}


def _attempted(attempt: Attempt, promise: Promise) -> str:
    words = f": {attempt.words}" if attempt.words else ""
    return f"{promise.says}: {_OUTCOMES[attempt.outcome]}{words}"
