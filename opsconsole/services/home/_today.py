"""The day in numbers. Each is few by nature and counted by a partial index; none counts a big table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from ...db import db
from ...models import Case, CaseStatus, EventStatus, InboxEvent, Promise, PromiseStatus, Refund, RefundStatus

_UNDER_WAY = [
    RefundStatus.PLANNED,
    RefundStatus.SUBMITTED,
    RefundStatus.PENDING,
    RefundStatus.REQUIRES_ACTION,
]


@dataclass(frozen=True)
class Today:
    open_cases: int
    mine: int
    refunds: dict[str, int]
    waiting_promises: int
    unsettled_events: int


def today(me: str) -> Today:
    """What is open right now; `me` is the id of who looks."""
    return Today(
        open_cases=_count(Case, Case.status == CaseStatus.OPEN),
        mine=_count(Case, Case.status == CaseStatus.OPEN, Case.owner_id == me),
        refunds={status.value: _count(Refund, Refund.status == status) for status in _UNDER_WAY},
        waiting_promises=_count(Promise, Promise.status == PromiseStatus.WAITING),
        unsettled_events=_count(InboxEvent, InboxEvent.status == EventStatus.RECEIVED),
    )


def _count(noun: Any, *conditions: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(noun).where(*conditions)) or 0
