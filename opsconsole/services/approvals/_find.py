"""Reading requests, and what their asker did before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from ...db import db, instant
from ...lib.paging import Page
from ...models import Approval, AuditEntry
from .._find import newest

MONTH = timedelta(days=30)


def find(*, after: str | None = None, **filters: str) -> Page[Approval]:
    """Newest first; filters: status, act, asked_by (an id), about (an id or its URL)."""
    query = select(Approval)
    for name, column in (
        ("status", Approval.status), ("act", Approval.act), ("asked_by", Approval.asked_by_id),
        ("about", Approval.about_id),
    ):  # fmt: skip
        if value := filters.get(name):
            query = query.where(column == value.rsplit("/", 1)[-1])
    return newest(query, Approval, after)


@dataclass(frozen=True)
class History:
    """What the asker did in the last 30 days: the same act, and requests by how they ended."""

    did: int
    requests: dict[str, int]


def history(approval: Approval) -> History:
    did = select(func.count()).where(
        AuditEntry.by_id == approval.asked_by_id,
        AuditEntry.act == approval.act,
        AuditEntry.created_at > instant() - MONTH,
    )
    ended = (
        select(Approval.status, func.count().label("many"))
        .where(Approval.asked_by_id == approval.asked_by_id, Approval.created_at > instant() - MONTH)
        .group_by(Approval.status)
    )
    return History(db.session.scalar(did) or 0, {row.status: row.many for row in db.session.execute(ended)})
