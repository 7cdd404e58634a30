"""The timeline: acts, attempts, events and cases of a record or a trace, strictly in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Select, Text, cast, func, literal, null, select, union_all
from sqlalchemy.dialects.postgresql import JSONB

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
    """The newest `limit` entries of each kind that the conditions choose, in one statement."""
    kinds = (
        (_acts(acts), AuditEntry.created_at), (_attempts(promises), Attempt.started_at),
        (_events(events), InboxEvent.created_at), (_cases(cases), Case.created_at),
    )  # fmt: skip
    newest = [query.order_by(at.desc()).limit(limit).subquery() for query, at in kinds]
    for row in db.session.execute(union_all(*(select(one) for one in newest))):
        yield Entry(
            row.at, row.id, row.kind, row.name, row.by, _SAYS[row.kind](row),
            locate(row.subject) if row.subject else None, _status(row), row.external_id,
            row.parent, row.trace or "", ended_at=row.ended_at, changes=row.changes or [],
        )  # fmt: skip


# Each kind of entry as the same columns; what a kind does not have is null.
_COLUMNS: dict[str, Any] = {
    "at": DateTime(timezone=True), "id": Text(), "kind": Text(), "name": Text(), "by": Text(), "says": Text(),
    "words": Text(), "subject": Text(), "status": Text(), "external_id": Text(), "parent": Text(), "trace": Text(),
    "ended_at": DateTime(timezone=True), "changes": JSONB(),
}  # fmt: skip


def _as(kind: str, **columns: Any) -> Select[Any]:
    given = {**columns, "kind": literal(kind)}
    return select(*(cast(given.get(name, null()), type).label(name) for name, type in _COLUMNS.items()))


def _acts(chosen: ColumnElement[bool]) -> Select[Any]:
    parent = func.coalesce(AuditEntry.within, AuditEntry.parent_id)
    return _as(
        "act", at=AuditEntry.created_at, id=AuditEntry.id, name=AuditEntry.act, by=AuditEntry.by, says=AuditEntry.says,
        subject=AuditEntry.subject, parent=parent, trace=AuditEntry.trace_id, changes=AuditEntry.changes,
    ).where(chosen)  # fmt: skip


def _attempts(chosen: ColumnElement[bool]) -> Select[Any]:
    return _as(
        "attempt", at=Attempt.started_at, id=Attempt.id, name=Promise.kind, by=Attempt.worker, says=Promise.says,
        words=Attempt.words, subject=Promise.subject_id, status=Attempt.outcome, parent=Promise.entry_id,
        external_id=Attempt.answer["id"].astext, trace=Promise.trace_id, ended_at=Attempt.ended_at,
    ).join_from(Attempt, Promise, Attempt.promise_id == Promise.id).where(chosen)  # fmt: skip


def _events(chosen: ColumnElement[bool]) -> Select[Any]:
    return _as(
        "event", at=InboxEvent.created_at, id=InboxEvent.id, name=InboxEvent.kind, by=InboxEvent.source,
        words=InboxEvent.words, subject=InboxEvent.id, status=InboxEvent.status, external_id=InboxEvent.external_id,
        trace=InboxEvent.trace_id,
    ).where(chosen)  # fmt: skip


def _cases(chosen: ColumnElement[bool]) -> Select[Any]:
    return _as(
        "case", at=Case.created_at, id=Case.id, name=Case.reason, by=literal("console"), says=Case.says,
        subject=Case.id, status=Case.status, parent=Case.entry_id, trace=Case.trace_id,
    ).where(chosen)  # fmt: skip


_OUTCOMES = {
    "kept": "done",
    "unavailable": "no definite answer",
    "declined": "declined",
    "error": "a fault of ours",
    "lost": "the worker died meanwhile",
    None: "asking now",
}


def _attempted(row: Any) -> str:
    words = f": {row.words}" if row.words else ""
    return f"{row.says}: {_OUTCOMES[row.status]}{words}"


def _told(row: Any) -> str:
    return f"{vendors.name_of(row.by)} told us: {row.name}" + (f". {row.words}" if row.words else "")


_SAYS: dict[str, Callable[[Any], str]] = {
    "act": lambda row: row.says, "attempt": _attempted, "event": _told, "case": lambda row: row.says,
}  # fmt: skip


def _status(row: Any) -> str | None:
    """An attempt that has no outcome yet is running."""
    return row.status or ("running" if row.kind == "attempt" else None)
