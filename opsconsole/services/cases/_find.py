"""Reading cases."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, select

from ...db import db, instant
from ...lib.paging import Page
from ...lib.refusal import Invalid
from ...models import Case, CaseStatus
from .._find import newest

NOBODY = "none"  # as an owner: the cases that nobody has taken
# How old a case is, in bands that do not overlap: code -> (words, at least so old, younger than).
AGES: dict[str, tuple[str, timedelta | None, timedelta | None]] = {
    "1h": ("Under 1 h", None, timedelta(hours=1)),
    "4h": ("1 to 4 h", timedelta(hours=1), timedelta(hours=4)),
    "1d": ("4 to 24 h", timedelta(hours=4), timedelta(days=1)),
    "older": ("Over 1 day", timedelta(days=1), None),
}


def aged(band: str) -> ColumnElement[bool]:
    """Is a case as old as `band`, a code of AGES, says? Raises Invalid for an unknown one."""
    if band not in AGES:
        raise Invalid({"age": [f"There is no such age. There are: {', '.join(AGES)}."]})
    _, least, most = AGES[band]
    return and_(
        *([Case.created_at <= instant() - least] if least else []),
        *([Case.created_at > instant() - most] if most else []),
    )


def find(*, after: str | None = None, **filters: str) -> Page[Case]:
    """Newest first; filters: status, reason, subject (an id or its URL), owner (an id, or "none"), age (of AGES)."""
    query = select(Case)
    if subject := filters.get("subject"):
        query = query.where(Case.about.contains([subject.rsplit("/", 1)[-1]]))
    for name in ("status", "reason"):
        if value := filters.get(name):
            query = query.where(getattr(Case, name) == value)
    if owner := filters.get("owner"):
        query = query.where(Case.owner_id.is_(None) if owner == NOBODY else Case.owner_id == owner)
    if band := filters.get("age"):
        query = query.where(aged(band))
    return newest(query, Case, after)


def of(record_id: str) -> list[Case]:
    """The open cases that concern a record."""
    query = select(Case).where(Case.about.contains([record_id]), Case.status == CaseStatus.OPEN)
    return list(db.session.scalars(query.order_by(Case.created_at)))
