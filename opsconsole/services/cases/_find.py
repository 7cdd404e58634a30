"""Reading cases."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, func, select

from ...db import db, instant
from ...models import Case, CaseStatus, Staff
from .._find import Filter, Listing, among, exactly, one_of_ours, yes
from ._claim import waits

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


# When it begins to last too long.
DUE = {
    "breached": "Over time",
    "today": "Today still",
    "later": "After today",
}
# What people have ended since then: code -> (words, days before today).
DONE = {"today": ("Today", 0), "month": ("In the last 30 days", 29)}


def due(value: str) -> ColumnElement[bool]:
    """Is a case due then, a code of DUE? What was resolved is due no more. Raises ValueError for an unknown one."""
    at = select(instant()).scalar_subquery()
    midnight = select(func.date_trunc("day", instant(), "UTC") + timedelta(days=1)).scalar_subquery()
    if value not in DUE:
        raise ValueError(f"There is no such time. There are: {', '.join(DUE)}.")
    span = {
        "breached": Case.due_at <= at,
        "today": and_(Case.due_at > at, Case.due_at < midnight),
        "later": and_(Case.due_at > at, Case.due_at >= midnight),
    }
    return and_(Case.status == CaseStatus.OPEN, span[value])


def done(value: str) -> ColumnElement[bool]:
    """Did somebody end it since then, a code of DONE? Raises ValueError for an unknown one."""
    if value not in DONE:
        raise ValueError(f"There is no such time. There are: {', '.join(DONE)}.")
    first = func.date_trunc("day", instant(), "UTC") - timedelta(days=DONE[value][1])
    return and_(Case.resolved_at >= select(first).scalar_subquery(), Case.resolved_by.is_not(None))


def _snoozed(value: str) -> ColumnElement[bool]:
    if value not in ("yes", "no"):
        raise ValueError("Write yes or no.")
    put_away = and_(Case.status == CaseStatus.OPEN, Case.snoozed_until.is_not(None))
    return put_away if value == "yes" else waits()


def _team(value: str) -> ColumnElement[bool]:
    return Case.team.in_(value.split(","))


def _owner(value: str) -> ColumnElement[bool]:
    if value == "any":
        return Case.owner_id.is_not(None)
    return Case.owner_id.is_(None) if value in (NOBODY, "nobody") else Case.owner_id == value


def _about(value: str) -> ColumnElement[bool]:
    return Case.about.contains([value.rsplit("/", 1)[-1]])


LIST = Listing(
    Case,
    {
        "status": among(Case.status, CaseStatus, "Open, or dealt with."),
        "reason": exactly(Case.reason, "Why there is a case, as a code."),
        "subject": Filter(_about, "What it is about; an id or its URL.", few=True),
        "incident": one_of_ours(Case.incident_id, "Opened by that incident; an id or its URL."),
        "owner": Filter(
            _owner,
            "Who has it, by the id of a member of staff; none for those nobody has, any for those somebody has.",
        ),
        "team": Filter(_team, "Whose work it is, by the team's code; several with commas between.", few=True),
        "vendor": exactly(Case.vendor, "The outside system at fault, by its port.", few=True),
        "fingerprint": exactly(Case.fingerprint, "Those of one cause.", few=True),
        "due": Filter(due, "When it begins to last too long.", few=True, choices=tuple(DUE)),
        "snoozed": Filter(_snoozed, "Put away until a day, or not.", few=True, choices=("yes", "no")),
        "done": Filter(done, "What people have ended since then.", few=True, choices=tuple(DONE)),
        "done_by": exactly(Case.resolved_by, "Who ended it, by their id.", few=True),
        "reopened": yes(Case.reopened_at.is_not(None), "Those that were there again after that.", few=True),
        "age": Filter(aged, "How long ago it was opened.", choices=tuple(AGES)),
    },
    sorts=("created_at", "urgency"),
    shown=(
        Case.id,
        Case.reason,
        Case.says,
        Case.subject_id,
        Case.owner_id,
        Staff.name.label("owner"),
        Case.status,
        Case.created_at,
        Case.team,
        Case.suggests,
        Case.warn_at,
        Case.due_at,
        Case.urgency,
        Case.snoozed_until,
        Case.snoozed_why,
    ),
    beside={Staff: Staff.id == Case.owner_id},
    size=22,
)
find = LIST.find


def of(record_id: str) -> list[Case]:
    """The open cases that concern a record."""
    query = select(Case).where(Case.about.contains([record_id]), Case.status == CaseStatus.OPEN)
    return list(db.session.scalars(query.order_by(Case.created_at)))
