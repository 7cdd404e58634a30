"""Reading cases."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from ...db import db
from ...models import Case, CaseStatus
from .._find import Filter, Listing, among, exactly

NOBODY = "nobody"


def _owner(value: str) -> ColumnElement[bool]:
    return Case.owner_id.is_(None) if value == NOBODY else Case.owner_id == value


def _about(value: str) -> ColumnElement[bool]:
    return Case.about.contains([value.rsplit("/", 1)[-1]])


LIST = Listing(
    Case,
    {
        "status": among(Case.status, CaseStatus, "Open, or dealt with."),
        "reason": exactly(Case.reason, "Why there is a case, as a code."),
        "subject": Filter(_about, "What it is about; an id or its URL.", few=True),
        "owner": Filter(_owner, "Who has it, by the id of a member of staff; nobody for those nobody has."),
    },
)
find = LIST.find


def of(record_id: str) -> list[Case]:
    """The open cases that concern a record."""
    query = select(Case).where(Case.about.contains([record_id]), Case.status == CaseStatus.OPEN)
    return list(db.session.scalars(query.order_by(Case.created_at)))
