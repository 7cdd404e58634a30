"""Reading the audit."""

from __future__ import annotations

from sqlalchemy import select

from ...lib.paging import Page
from ...models import AuditEntry
from .._find import newest


def find(*, after: str | None = None, **filters: str) -> Page[AuditEntry]:
    """Newest first; filters: act, by, trace, subject (an id or its URL)."""
    query = select(AuditEntry)
    for name, column in (("act", AuditEntry.act), ("by", AuditEntry.by), ("trace", AuditEntry.trace_id)):
        if value := filters.get(name):
            query = query.where(column == value)
    if subject := filters.get("subject"):
        query = query.where(AuditEntry.about.contains([subject.rsplit("/", 1)[-1]]))
    return newest(query, AuditEntry, after)
