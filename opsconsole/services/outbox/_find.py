"""Reading promises."""

from __future__ import annotations

from sqlalchemy import select

from ...lib.paging import Page
from ...models import Promise
from .._find import newest


def find(*, after: str | None = None, **filters: str) -> Page[Promise]:
    """Newest first; filters: status, kind, port, subject (an id or its URL), lane."""
    query = select(Promise)
    for name in ("status", "kind", "port", "lane"):
        if value := filters.get(name):
            query = query.where(getattr(Promise, name) == value)
    if subject := filters.get("subject"):
        query = query.where(Promise.subject_id == subject.rsplit("/", 1)[-1])
    return newest(query, Promise, after)
