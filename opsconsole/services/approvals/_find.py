"""Reading requests, and what their asker did before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from ...db import db, instant
from ...models import Approval, ApprovalStatus, AuditEntry
from .._find import Listing, among, exactly, one_of_ours

MONTH = timedelta(days=30)


LIST = Listing(
    Approval,
    {
        "status": among(Approval.status, ApprovalStatus, "Waiting, or how it ended."),
        "act": exactly(Approval.act, "The act that was asked for, like refunds.issue.", few=True),
        "asked_by": one_of_ours(Approval.asked_by_id, "Who asked, by their id."),
        "about": one_of_ours(Approval.about_id, "What it is about; an id or its URL."),
    },
)
find = LIST.find


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
