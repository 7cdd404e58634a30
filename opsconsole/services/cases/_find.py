"""Reading cases."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, select

from ...db import db, instant
from ...models import Case, CaseStatus, Staff
from .._find import Filter, Listing, among, exactly, one_of_ours

NOBODY = "none"  # as an owner: the cases that nobody has taken
# How old a case is, in bands that do not overlap: code -> (words, at least so old, younger than).
AGES: dict[str, tuple[str, timedelta | None, timedelta | None]] = {
    "1h": ("Under 1 h", None, timedelta(hours=1)),
    "4h": ("1 to 4 h", timedelta(hours=1), timedelta(hours=4)),
    "1d": ("4 to 24 h", timedelta(hours=4), timedelta(days=1)),
    "older": ("Over 1 day", timedelta(days=1), None),
}


def aged(band: str) -> ColumnElement[bool]:
    """Is a case as old as `band`, a code of AGES, says? Raises ValueError for an unknown one."""
    if band not in AGES:
        raise ValueError(f"There is no such age. There are: {', '.join(AGES)}.")
    _, least, most = AGES[band]
    now = select(instant()).scalar_subquery()  # asked once, not in every row
    return and_(
        *([Case.created_at <= now - least] if least else []),
        *([Case.created_at > now - most] if most else []),
    )


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
        "owner": Filter(_owner, "Who has it, by the id of a member of staff; none for those nobody has."),
        "incident": one_of_ours(Case.incident_id, "Opened by that incident; an id or its URL."),
        "age": Filter(aged, "How long ago it was opened.", choices=tuple(AGES)),
    },
    shown=(
        Case.id,
        Case.reason,
        Case.says,
        Case.subject_id,
        Case.owner_id,
        Staff.name.label("owner"),
        Case.status,
        Case.created_at,
    ),
    beside={Staff: Staff.id == Case.owner_id},
    size=38,
)
find = LIST.find


def of(record_id: str) -> list[Case]:
    """The open cases that concern a record."""
    query = select(Case).where(Case.about.contains([record_id]), Case.status == CaseStatus.OPEN)
    return list(db.session.scalars(query.order_by(Case.created_at)))
