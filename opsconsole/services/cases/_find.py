"""Reading cases."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db
from ...lib.paging import Page
from ...models import Case, CaseStatus
from .._find import newest


def find(*, after: str | None = None, **filters: str) -> Page[Case]:
    """Newest first; filters: status, reason, subject (an id or its URL), owner."""
    query = select(Case)
    if subject := filters.get("subject"):
        query = query.where(Case.about.contains([subject.rsplit("/", 1)[-1]]))
    for name in ("status", "reason"):
        if value := filters.get(name):
            query = query.where(getattr(Case, name) == value)
    if owner := filters.get("owner"):
        query = query.where(Case.owner_id == owner)
    return newest(query, Case, after)


def of(record_id: str) -> list[Case]:
    """The open cases that concern a record."""
    query = select(Case).where(Case.about.contains([record_id]), Case.status == CaseStatus.OPEN)
    return list(db.session.scalars(query.order_by(Case.created_at)))
