"""Reading the inbox."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ...db import db
from ...lib.paging import Page
from ...models import InboxEvent, RejectedCount
from .._find import newest


def find(*, after: str | None = None, **filters: str) -> Page[InboxEvent]:
    """Newest first; filters: status, source, kind, object_id, external_id."""
    query = select(InboxEvent)
    for name in ("status", "source", "kind", "object_id", "external_id"):
        if value := filters.get(name):
            query = query.where(getattr(InboxEvent, name) == value)
    return newest(query, InboxEvent, after)


def rejected(most: int = 5) -> Sequence[RejectedCount]:
    """How many deliveries were refused, and why: the latest days first."""
    query = select(RejectedCount).order_by(RejectedCount.day.desc(), RejectedCount.count.desc())
    return db.session.scalars(query.limit(most)).all()
