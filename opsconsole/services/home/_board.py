"""The morning board: what waits for somebody, what is under way, and how each outside system is doing.

Six statements, however much there is: what is open is few and counted by an index that holds only or first what is
open, and how a vendor is doing is read from its latest few hundred events and calls. They are built once: SQLAlchemy takes
longer for that than the database for its answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from threading import Lock
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import (
    Engine,
    Executable,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union,
    union_all,
)

from ... import vendors
from ...db import db, instant
from ...models import (
    Breaker,
    Case,
    CaseStatus,
    EventStatus,
    InboxEvent,
    Message,
    MessageStatus,
    Promise,
    PromiseStatus,
    Refund,
    RefundStatus,
    Staff,
)
from .. import cases, outbox

ROWS = 8  # of the oldest and of the newest open cases
LATEST = 500  # so many events and calls tell how a vendor is doing
# port -> the source of its events
_PORTS = {
    "payments": "stripe",
    "crm": "customerio",
    "tracking": "easypost",
    "healthcare": "healthcare",
    "pharmacy-truepill": "pharmacy-truepill",
    "pharmacy-honeybee": "pharmacy-honeybee",
}
_UNDER_WAY = {
    Refund: (
        RefundStatus.PLANNED,
        RefundStatus.SUBMITTED,
        RefundStatus.PENDING,
        RefundStatus.REQUIRES_ACTION,
    ),
    Message: (MessageStatus.PLANNED, MessageStatus.SUBMITTED, MessageStatus.SENT),
}


@dataclass(frozen=True)
class Owner:
    """Whose open cases these are: None is nobody. `by_age` has every band of cases.AGES."""

    id: str | None
    name: str | None
    by_age: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_age.values())


@dataclass(frozen=True)
class Row:
    """An open case as the board shows it."""

    id: str
    url: str
    says: str
    reason: str
    owner_id: str | None
    owner: str | None
    created_at: datetime


@dataclass(frozen=True)
class Vendor:
    """How an outside system is doing. `pause` is the longest time, in seconds, between two of its latest events: one
    that is `silent` has said nothing for more than twice as long, and for an hour."""

    port: str
    source: str
    waiting: int
    oldest_waiting: datetime | None
    unsettled: int
    last_success: datetime | None
    last_event: datetime | None
    pause: float | None
    silent: bool
    held: list[str]  # methods whose calls are held back

    @property
    def name(self) -> str:
        return vendors.name_of(self.source)

    @property
    def looks(self) -> list[Any]:
        """Its numbers, and its instants to five minutes: what is told every second need not be shown every second."""
        instants = (self.oldest_waiting, self.last_success, self.last_event)
        lately = [int(at.timestamp() // 300) if at else None for at in instants]
        return [self.port, self.waiting, self.unsettled, self.silent, self.held, *lately]


@dataclass(frozen=True)
class Board:
    """`owners`: nobody first, then who has most. `refunds` and `messages`: status -> how many are under way."""

    owners: list[Owner]
    oldest: list[Row]
    newest: list[Row]  # those that are not among the oldest
    refunds: dict[str, int]
    messages: dict[str, int]
    vendors: list[Vendor]
    breakers: Sequence[Breaker]

    @property
    def looks(self) -> list[Any]:
        """Few values that change when something that people act on does."""
        return [
            self.owners,
            self.oldest,
            self.newest,
            self.refunds,
            self.messages,
            [v.looks for v in self.vendors],
        ]

    @property
    def open_cases(self) -> int:
        return sum(owner.total for owner in self.owners)

    @property
    def by_age(self) -> dict[str, int]:
        return {band: sum(owner.by_age[band] for owner in self.owners) for band in cases.AGES}

    @property
    def nobodys(self) -> Owner:
        return self.of(None)

    def of(self, staff_id: str | None) -> Owner:
        """The open cases of one person, or of nobody; zeros if there are none."""
        mine = [owner for owner in self.owners if owner.id == staff_id]
        return mine[0] if mine else Owner(staff_id, None, dict.fromkeys(cases.AGES, 0))


_last: WeakKeyDictionary[Engine, tuple[float, Board]] = WeakKeyDictionary()
_one_at_a_time = Lock()


def board(*, at_most_old: float = 0) -> Board:
    """The board as it is now. However many screens ask again and again, one a process and `at_most_old` seconds
    reads it for all of them; it is the same for everybody."""
    if not at_most_old:
        return _read()
    with _one_at_a_time:
        read_at, known = _last.get(db.engine, (0.0, None))
        return known if known and monotonic() - read_at < at_most_old else _read()


def _read() -> Board:
    rows, breakers = _rows(), outbox.health()
    found = Board(
        owners=_owners(),
        oldest=rows[:ROWS],
        newest=list(reversed(rows[ROWS:])),
        **_under_way(breakers),
        breakers=breakers,
    )
    _last[db.engine] = (monotonic(), found)
    return found


@cache
def _owners_query() -> Select[Any]:
    band = case(*((cases.aged(code), code) for code in cases.AGES))
    return (
        select(Case.owner_id, Staff.name, band, func.count())
        .outerjoin(Staff, Staff.id == Case.owner_id)
        .where(Case.status == CaseStatus.OPEN)
        .group_by(Case.owner_id, Staff.name, band)
    )


def _owners() -> list[Owner]:
    found: dict[str | None, Owner] = {}
    for id, name, code, number in db.session.connection().execute(_owners_query()):
        owner = found.setdefault(id, Owner(id, name, dict.fromkeys(cases.AGES, 0)))
        owner.by_age[code] = number
    return sorted(found.values(), key=lambda one: (one.id is not None, -one.total, one.name or ""))


@cache
def _rows_query() -> Select[Any]:
    opened = select(Case.id).where(Case.status == CaseStatus.OPEN)
    ends = [
        opened.order_by(*way).limit(ROWS)
        for way in ((Case.created_at, Case.id), (Case.created_at.desc(), Case.id.desc()))
    ]
    both = union(*(select(end.subquery()) for end in ends))
    return (
        select(Case.id, Case.says, Case.reason, Case.owner_id, Staff.name, Case.created_at)
        .outerjoin(Staff, Staff.id == Case.owner_id)
        .where(Case.id.in_(both))
        .order_by(Case.created_at, Case.id)
    )


def _rows() -> list[Row]:
    """The oldest open cases, then the newest; each once, oldest first."""
    return [
        Row(id, f"/{Case.PLURAL}/{id}", *rest) for id, *rest in db.session.connection().execute(_rows_query())
    ]


@cache
def _under_way_query() -> Executable:
    counted = [
        select(
            literal(noun.PLURAL),
            noun.status,
            cast(null(), String),
            func.count(),
            cast(null(), Promise.due_at.type),
        )
        .where(noun.status.in_(statuses))
        .group_by(noun.status)
        for noun, statuses in _UNDER_WAY.items()
    ]
    calls = (
        select(literal("promises"), Promise.status, Promise.port, func.count(), func.min(Promise.created_at))
        .where(Promise.status == PromiseStatus.WAITING)
        .group_by(Promise.status, Promise.port)
    )
    events = (
        select(
            literal("inbox"),
            InboxEvent.status,
            InboxEvent.source,
            func.count(),
            cast(null(), Promise.due_at.type),
        )
        .where(InboxEvent.status == EventStatus.RECEIVED)
        .group_by(InboxEvent.status, InboxEvent.source)
    )
    return union_all(*counted, calls, events)


def _under_way(breakers: Sequence[Breaker]) -> dict[str, Any]:
    found = {
        (noun, of or status): (number, since)
        for noun, status, of, number, since in db.session.connection().execute(_under_way_query())
    }
    numbers = {
        noun.PLURAL: {status.value: found.get((noun.PLURAL, status), (0, None))[0] for status in statuses}
        for noun, statuses in _UNDER_WAY.items()
    }
    waiting = {port: known for (noun, port), known in found.items() if noun == "promises"}
    unsettled = {source: number for (noun, source), (number, _) in found.items() if noun == "inbox"}
    return {**numbers, "vendors": _vendors(breakers, waiting, unsettled)}


def _vendors(
    breakers: Sequence[Breaker], waiting: dict[str, tuple[int, datetime]], unsettled: dict[str, int]
) -> list[Vendor]:
    told, succeeded = _told(), _succeeded()
    ports = [port for port in _PORTS if vendors.connected(port)]
    ports += sorted((waiting.keys() | {one.port for one in breakers}) - {*ports})
    found = []
    for port in ports:
        source = _PORTS.get(port, port)
        number, oldest = waiting.get(port, (0, None))
        last, pause, silent = told.get(source, (None, None, False))
        held = [one.method for one in breakers if one.port == port and one.opened_at]
        found.append(
            Vendor(
                port, source, number, oldest, unsettled.get(source, 0), succeeded.get(port), last, pause, silent, held
            )
        )  # fmt: skip
    return found


@cache
def _told_query() -> Select[Any]:
    latest = (
        select(InboxEvent.source, InboxEvent.created_at)
        .order_by(InboxEvent.created_at.desc(), InboxEvent.id.desc())
        .limit(LATEST)
        .subquery()
    )
    before = func.lag(latest.c.created_at).over(partition_by=latest.c.source, order_by=latest.c.created_at)
    pauses = select(
        latest.c.source, latest.c.created_at, (latest.c.created_at - before).label("pause")
    ).subquery()
    last, longest = func.max(pauses.c.created_at), func.max(pauses.c.pause)
    quiet = instant() - last
    silent = (quiet > 2 * longest) & (quiet > timedelta(hours=1))
    return select(pauses.c.source, last, longest, func.coalesce(silent, False)).group_by(pauses.c.source)


def _told() -> dict[str, tuple[datetime, float | None, bool]]:
    """Of each source: when it last told us something, its longest pause lately, and whether this one is longer."""
    return {
        source: (at, pause.total_seconds() if pause else None, still)
        for source, at, pause, still in db.session.connection().execute(_told_query())
    }


@cache
def _succeeded_query() -> Select[Any]:
    latest = (
        select(Promise.port, Promise.status, Promise.status_since)
        .order_by(Promise.created_at.desc(), Promise.id.desc())
        .limit(LATEST)
        .subquery()
    )
    return (
        select(latest.c.port, func.max(latest.c.status_since))
        .where(latest.c.status == PromiseStatus.KEPT)
        .group_by(latest.c.port)
    )


def _succeeded() -> dict[str, datetime]:
    """When each port last did what was asked of it, among the latest calls."""
    return {row[0]: row[1] for row in db.session.connection().execute(_succeeded_query())}
