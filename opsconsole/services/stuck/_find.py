"""Reading what does not go on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement, Date, and_, cast, func, or_, select

from ...db import db, instant
from ...models import Case, Holder, Stuck, StuckStatus, Team
from .._find import Filter, Listing, among, day, exactly, one_of_ours
from ._candidate import NEAR
from .rules import RULES

# How long it has waited, in bands that do not overlap: code -> (words, at least, less than).
AGES: Mapping[str, tuple[str, timedelta | None, timedelta | None]] = {
    "4h": ("Under 4 h", None, timedelta(hours=4)),
    "1d": ("4 to 24 h", timedelta(hours=4), timedelta(days=1)),
    "3d": ("1 to 3 days", timedelta(days=1), timedelta(days=3)),
    "7d": ("3 to 7 days", timedelta(days=3), timedelta(days=7)),
    "older": ("Over 7 days", timedelta(days=7), None),
}


def aged(band: str) -> ColumnElement[bool]:
    """Has it waited for as long as `band`, a code of AGES, says? Raises ValueError for an unknown one."""
    if band not in AGES:
        raise ValueError(f"There is no such age. There are: {', '.join(AGES)}.")
    _, least, most = AGES[band]
    at = select(instant()).scalar_subquery()  # asked once, not in every row
    return and_(
        *([Stuck.since <= at - least] if least else []),
        *([Stuck.since > at - most] if most else []),
    )


def counted() -> ColumnElement[bool]:
    """Is it a row of its own on the boards? What stands behind another one, or under an incident, is not."""
    return and_(Stuck.ended_at.is_(None), Stuck.behind_id.is_(None), Stuck.incident_id.is_(None))


def _level(value: str) -> ColumnElement[bool]:
    at = select(instant()).scalar_subquery()
    if value == "breach":
        return Stuck.breach_at <= at
    if value == "warn":
        return Stuck.breach_at > at
    raise ValueError("Write warn or breach.")


def without_medicine() -> ColumnElement[bool]:
    """Has the customer no medicine left, or none in a few days?"""
    soon = select(cast(instant() + NEAR, Date)).scalar_subquery()
    return Stuck.runs_out_on <= soon


def _medicine(value: str) -> ColumnElement[bool]:
    if value != "ends":
        raise ValueError("Write ends, or leave it away.")
    return without_medicine()


def _day(value: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC)
    except ValueError:
        raise ValueError("Write a day like 2026-11-21.") from None


def _open_at(value: str) -> ColumnElement[bool]:
    over = func.least(_day(value) + timedelta(days=1), instant())
    return and_(Stuck.began_at < over, or_(Stuck.ended_at.is_(None), Stuck.ended_at >= over))


def _measured_from(value: str) -> ColumnElement[bool]:
    late = and_(Stuck.ended_at.is_(None), Stuck.breach_at < select(instant()).scalar_subquery())
    return or_(Stuck.ended_at >= _day(value), late)


def _in_time(value: str) -> ColumnElement[bool]:
    if value == "yes":
        return Stuck.ended_at <= Stuck.breach_at
    if value == "no":
        return func.coalesce(Stuck.ended_at, instant()) > Stuck.breach_at
    raise ValueError("Write yes or no.")


def _counted(value: str) -> ColumnElement[bool]:
    if value != "yes":
        raise ValueError("Write yes, or leave it away.")
    return counted()


def _about(value: str) -> ColumnElement[bool]:
    id = value.rsplit("/", 1)[-1]
    return (Stuck.subject_id == id) | (Stuck.order_id == id) | (Stuck.customer_id == id)


LIST = Listing(
    Stuck,
    {
        "status": among(Stuck.status, StuckStatus, "Stuck still, or cleared."),
        "counted": Filter(_counted, "Only those that boards count as a row of their own.", few=True, choices=("yes",)),
        "code": exactly(Stuck.code, "The cause, as a code like PHA.NO_ACK."),
        "ball": Filter(lambda v: Stuck.ball == v, "Who has to move.", few=True, choices=tuple(Holder)),
        "team": Filter(lambda v: Stuck.team == v, "Whose work it is.", few=True, choices=tuple(Team)),
        "age": Filter(aged, "How long it has waited.", few=True, choices=tuple(AGES)),
        "level": Filter(_level, "Worth a look, or too long.", few=True, choices=("warn", "breach")),
        "medicine": Filter(
            _medicine, "Only of customers whose medicine ends within three days, or has ended.", few=True, choices=("ends",)
        ),
        "began_from": day(Stuck.began_at, "Found on this day or later, 2026-11-21, UTC."),
        "began_until": day(Stuck.began_at, "Found on this day or earlier.", until=True),
        "ended_from": day(Stuck.ended_at, "Ended on this day or later."),
        "ended_until": day(Stuck.ended_at, "Ended on this day or earlier.", until=True),
        "open_at": Filter(_open_at, "Stuck when that day (UTC) was over, or now on the last one."),
        "measured_from": Filter(_measured_from, "Ended on this day or later, or lasting too long still."),
        "in_time": Filter(
            _in_time, "Ended before its time was over (yes), or lasted too long (no).", few=True, choices=("yes", "no")
        ),
        "vendor": exactly(Stuck.vendor, "The outside system that it waits for.", few=True),
        "pharmacy": one_of_ours(Stuck.pharmacy_id, "The pharmacy that it waits for."),
        "fingerprint": exactly(Stuck.fingerprint, "Those that one fix may put right together.", few=True),
        "incident": one_of_ours(Stuck.incident_id, "Those that wait for a system that is down."),
        "subject_noun": exactly(Stuck.subject_noun, "What it is: order, refund, invoice and others.", few=True),
        "subject": Filter(_about, "What it is about, its order or its customer; an id or its URL.", few=True),
    },
    sorts=("created_at", "urgency"),
    shown=(
        Stuck.id, Stuck.subject_id, Stuck.subject_noun, Stuck.order_id, Stuck.code, Stuck.ball, Stuck.team, Stuck.since,
        Stuck.details,
        Stuck.breach_at, Stuck.status, Stuck.case_id, Stuck.created_at, Stuck.urgency, Stuck.runs_out_on,
    ),
    size=30,
)  # fmt: skip
find = LIST.find


def of(subject_id: str) -> Stuck | None:
    """The open spell of a subject, if it is stuck."""
    return db.session.scalar(select(Stuck).where(Stuck.subject_id == subject_id, Stuck.ended_at.is_(None)))


def of_case(case: Case) -> Stuck | None:
    """The open spell that a case tells of, if its reason is a cause's code."""
    if case.reason not in RULES:
        return None
    return db.session.scalar(select(Stuck).where(Stuck.case_id == case.id, Stuck.ended_at.is_(None)))


def of_order(order_id: str) -> list[Stuck]:
    """What of an order does not go on, the cause that counts first."""
    query = select(Stuck).where(Stuck.order_id == order_id, Stuck.ended_at.is_(None))
    return list(db.session.scalars(query.order_by(Stuck.behind_id.is_not(None), Stuck.urgency)))
