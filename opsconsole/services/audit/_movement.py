"""Whether anything moved about a record, told in one statement: what a page that is looked at asks again and again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text, any_, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from ...db import db, instant
from ...models import AuditEntry, Breaker, Case, CaseStatus, Promise, Refund


def movement(record_id: str) -> list[Any]:
    """Another list whenever another thing can be seen about the record: its acts are counted, as one that began
    earlier may be committed later; what is owed, its refunds' promises too, and its open cases are told one by one.
    """
    subjects = func.array(
        select(literal(record_id))
        .union_all(select(Refund.id).where(Refund.order_id == record_id))
        .scalar_subquery()
    )
    owed = func.concat_ws(
        " ",
        Promise.id,
        Promise.status,
        Promise.fence,
        Promise.attempts,
        Promise.due_at,
        Promise.due_at <= instant(),
    )
    needs = func.concat_ws(" ", Case.id, Case.owner_id)
    parts = (
        select(func.count()).where(AuditEntry.about.contains([record_id])),
        select(_listed(owed, Promise.id)).where(Promise.subject_id == any_(subjects)),
        select(_listed(needs, Case.id)).where(
            Case.about.contains([record_id]), Case.status == CaseStatus.OPEN
        ),
        select(
            _listed(func.concat_ws(" ", Breaker.port, Breaker.method), Breaker.port, Breaker.method)
        ).where(Breaker.opened_at.is_not(None)),
    )
    return list(db.session.execute(select(*(part.scalar_subquery() for part in parts))).one())


def _listed(words: Any, *by: Any) -> Any:
    """All of them as one text, in a fixed order."""
    return func.string_agg(cast(words, Text), aggregate_order_by(literal(", "), *by))
