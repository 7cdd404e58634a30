"""Whether anything moved about a record, told in one statement: what a page that is looked at asks again and again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String, Text, any_, bindparam, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, array

from ...db import db, instant
from ...models import AuditEntry, Breaker, Case, CaseStatus, Collection, Promise, Refund


def movement(record_id: str) -> list[Any]:
    """Another list whenever another thing can be seen about the record: its acts are counted, as one that began
    earlier may be committed later; what is owed, its refunds' and collections' promises too, and its open cases are told
    one by one.
    """
    return list(db.session.connection().execute(_MOVEMENT, {"id": record_id}).one())


def _listed(words: Any, *by: Any) -> Any:
    """All of them as one text, in a fixed order."""
    return func.string_agg(cast(words, Text), aggregate_order_by(literal(", "), *by))


def _statement() -> Any:
    record_id = bindparam("id", type_=String)
    refunds = select(Refund.id).where(Refund.order_id == record_id).subquery()
    collections = select(Collection.id).where(Collection.order_id == record_id).subquery()
    # In the collation of `subject_id`: with the ids' own, its index would not serve.
    subjects = func.array(
        select(record_id)
        .union_all(*(select(of_order.c.id.collate("default")) for of_order in (refunds, collections)))
        .scalar_subquery()
    )
    owed = func.concat_ws(
        " ", Promise.id, Promise.status, Promise.fence, Promise.attempts, Promise.due_at,
        Promise.due_at <= instant(),
    )  # fmt: skip
    needs = func.concat_ws(" ", Case.id, Case.owner_id)
    closed_off = func.concat_ws(" ", Breaker.port, Breaker.method)
    is_open = Case.status == CaseStatus.OPEN
    parts = (
        select(func.count()).where(AuditEntry.about.contains(array([record_id]))),
        select(_listed(owed, Promise.id)).where(Promise.subject_id == any_(subjects)),
        select(_listed(needs, Case.id)).where(Case.about.contains(array([record_id])), is_open),
        select(_listed(closed_off, Breaker.port, Breaker.method)).where(Breaker.opened_at.is_not(None)),
    )
    return select(*(part.scalar_subquery() for part in parts))


_MOVEMENT = _statement()  # made once: it is asked a dozen times a second
