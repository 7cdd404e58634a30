"""Reading the inbox."""

from __future__ import annotations

from sqlalchemy import select

from ...lib.paging import Page
from ...models import InboxEvent
from .._find import newest


def find(*, after: str | None = None, **filters: str) -> Page[InboxEvent]:
    """Newest first; filters: status, source, kind, object_id, external_id."""
    query = select(InboxEvent)
    for name in ("status", "source", "kind", "object_id", "external_id"):
        if value := filters.get(name):
            query = query.where(getattr(InboxEvent, name) == value)
    return newest(query, InboxEvent, after)
