"""The clock looks at what is due: what came is met, what did not come is asked about, what is not there is missed.

Asking is recording an event of the awaited kind about the object, as if the vendor had told of it: an event is only a
hint, so the worker fetches the object as it is now and the act that settles such events takes it in. Where the object has no
id that we know, the vendor's list of events is read. Nothing is decided here about what was found.

A vendor that does not answer is no reason to miss anything: while its breaker is open nobody is asked, and what is asked
already stays asked. That the vendor is away is told by its incident, once.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Text, and_, case, cast, func, not_, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from ... import vendors
from ...db import db, instant, touched
from ...models import (
    EXPECTATION_OPEN,
    EventStatus,
    Expectation,
    ExpectationStatus,
    InboxEvent,
    Sweep,
    SweepStatus,
)
from .. import inbox
from .._actor import CLOCK
from .._transaction import after_commit, transaction
from ..outbox import breaker, hint
from ._kinds import KINDS, PORTS, Kind

_S = ExpectationStatus
BATCH = 100
A_MINUTE = 60  # questions to one port
_FIRST, _SECOND = timedelta(seconds=20), timedelta(minutes=2)
_LONGEST = timedelta(hours=6)
_GIVES_UP = timedelta(days=60)  # after its limit nobody is asked about it any more
Waits = tuple[Kind, Expectation, str | None]  # and the vendor's object


@dataclass
class Looked:
    """What one look came to: how many of the due ones came, were asked about (again), and turned out missed; and whose
    lists of events are to be read."""

    met: int = 0
    healed: int = 0
    asked: int = 0
    missed: int = 0
    lists: set[str] = field(default_factory=set)


def look() -> Looked:
    """Look at what is due, port by port, the oldest first. What there is no room to ask about stays due. Two clocks share
    it. Returns what it came to."""
    looked = Looked()
    for port in _with_due():
        while _batch(port, looked) == BATCH:
            pass
    for source in sorted(looked.lists):
        inbox.sweep_nightly(source, by=CLOCK)
    return looked


def _with_due() -> Sequence[str]:
    """The ports of which something is due."""
    ports = func.unnest(cast(sorted(set(PORTS.values())), ARRAY(Text))).column_valued("asked")
    due = select(Expectation.id).where(Expectation.port == ports, Expectation.look_at <= instant()).exists()
    return db.session.scalars(select(ports).where(due)).all()


def came() -> int:
    """Close what came before it was due, and what was missed and came after all: one statement per kind. Returns how
    many."""
    closed = 0
    names = db.session.scalars(
        select(Expectation.kind).where(Expectation.status.in_(EXPECTATION_OPEN)).group_by(Expectation.kind)
    ).all()
    for kind in (KINDS[name] for name in names if name in KINDS):
        fit = kind.stand().where(Expectation.status.in_(EXPECTATION_OPEN), kind.met).subquery()
        in_time = (Expectation.status == _S.WAITING) | fit.c.told
        with transaction():
            # Set-based, and no moves are written down: that it came is the usual end of each.
            found = db.session.execute(
                update(Expectation)
                .where(Expectation.id == fit.c.id)
                .values(
                    status=case((in_time, _S.MET.value), else_=_S.HEALED.value),
                    status_since=instant(), ended_at=instant(), look_at=None,
                )
                .execution_options(synchronize_session=False)
            )  # fmt: skip
            closed += touched(found)
    return closed


def _batch(port: str, looked: Looked) -> int:
    """Returns how many of a port's could be looked at."""
    with transaction():
        now: datetime = db.session.scalar(select(instant()))  # type: ignore[assignment]
        room = A_MINUTE - _asked_lately(port, now)
        if room <= 0 or not vendors.connected(port):
            return 0
        due = db.session.scalars(
            select(Expectation)
            .where(Expectation.port == port, Expectation.look_at <= now, *_held_back(port))
            .order_by(Expectation.look_at)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        by_kind: dict[str, list[Expectation]] = defaultdict(list)
        for one in due:
            by_kind[one.kind].append(one)
        waiting: list[Waits] = []
        for name, those in by_kind.items():
            waiting += _sorted_out(KINDS.get(name), those, now, looked)
        waiting.sort(key=lambda each: each[1].due_at)
        _ask(waiting[:room], now, looked)
        return len(due) if len(waiting) <= room else 0


def _asked_lately(port: str, now: datetime) -> int:
    lately = select(func.count()).where(
        Expectation.port == port, Expectation.asked_at > now - timedelta(minutes=1)
    )
    return db.session.scalar(lately) or 0


def _held_back(port: str) -> Iterator[ColumnElement[bool]]:
    """Nothing is asked by a call whose breaker is open."""
    closed = {(one.port, one.method) for one in breaker.health() if one.opened_at}
    for (source, event), how in inbox.ROUTES.items():
        if (how.port, how.fetch) in closed and PORTS.get(source) == port:
            yield not_(and_(Expectation.source == source, Expectation.event == event))


def _sorted_out(
    kind: Kind | None, those: list[Expectation], now: datetime, looked: Looked
) -> Iterable[Waits]:
    """End those that came. Returns the others, each with the vendor's object."""
    found: dict[str, Row[Any]] = {}
    if kind:
        stand = kind.stand().where(Expectation.id.in_([one.id for one in those]))
        found = {row.id: row for row in db.session.execute(stand)}
    for one in those:
        row = found.get(one.id)
        if kind and row and not row.met:
            yield kind, one, row.object_id
        elif one.status == _S.WAITING or not row or row.told:
            _ends(one, _S.MET, now)
            looked.met += 1
        else:
            _ends(one, _S.HEALED, now)
            looked.healed += 1
            looked.lists |= _to_read(one.source)  # where one was lost there may be more


def _ends(one: Expectation, status: ExpectationStatus, now: datetime) -> None:
    one.move_to(status)
    one.ended_at, one.look_at = now, None


# ---------------------------------------------------------------- asking


def _ask(waiting: Sequence[Waits], now: datetime, looked: Looked) -> None:
    answered = _answered([one for _, one, _ in waiting])
    for kind, one, object_id in waiting:
        one.object_id = object_id or one.object_id
        if now - one.due_at > _GIVES_UP:
            one.look_at, one.words = None, "Nobody is asked about it any more."
        elif one.looks and one.id not in answered:
            one.look_at = now + timedelta(seconds=random.uniform(20, 40))
            one.words = f"{vendors.name_of(one.source)} has not answered our question yet."
        else:
            _looks_again(kind, one, now, looked)


def _looks_again(kind: Kind, one: Expectation, now: datetime, looked: Looked) -> None:
    """Miss it when it was asked about twice in vain and its patience is over, and ask again."""
    if one.status == _S.ASKED and one.looks >= 2 and now >= one.missed_from:
        one.move_to(_S.MISSED)
        looked.missed += 1
    if one.status == _S.WAITING:
        one.move_to(_S.ASKED)
    one.looks += 1
    looked.asked += 1
    one.asked_at, one.look_at = now, now + _pause(one.looks)
    if now < one.missed_from < one.look_at:
        one.look_at = one.missed_from
    if one.object_id:
        _question(one, now)
        one.words = f"{vendors.name_of(one.source)} was asked how it stands."
    elif kind.reads_list:
        looked.lists |= _to_read(one.source)
        one.words = f"{vendors.name_of(one.source)}'s list of events is read."
    else:
        one.words = "There is nobody who could be asked about it."


def _pause(looks: int) -> timedelta:
    """Until the next look: soon twice, so that what has happened is known soon; then ever longer."""
    if looks <= 2:
        return _FIRST if looks == 1 else _SECOND
    return min(timedelta(minutes=5) * 2 ** min(looks - 3, 10), _LONGEST) * random.uniform(0.9, 1.1)


def _question(one: Expectation, now: datetime) -> None:
    made = InboxEvent(
        status=EventStatus.RECEIVED,
        source=one.source,
        external_id=one.question,
        kind=one.event,
        object_kind=one.kind.partition(".")[0],
        object_id=one.object_id,
        occurred_at=now,
        via="asked",
        trace_id=one.trace_id,
    )
    made.body = b""
    db.session.add(made)
    after_commit(hint)


def _answered(those: Sequence[Expectation]) -> set[str]:
    """Those of which the last question was answered: the object was fetched since, or the list was read."""
    asked = {one.question: one.id for one in those if one.looks}
    if not asked:
        return set()
    events = db.session.execute(
        select(InboxEvent.external_id, InboxEvent.status).where(InboxEvent.external_id.in_(asked))
    ).all()
    by_object = {asked[row.external_id] for row in events}
    done = {asked[row.external_id] for row in events if row.status != EventStatus.RECEIVED}
    reading = set(
        db.session.scalars(
            select(Sweep.source).where(Sweep.status == SweepStatus.RUNNING, Sweep.source.in_(PORTS))
        )
    )
    return done | {one.id for one in those if one.id not in by_object and one.source not in reading}


def _to_read(source: str) -> set[str]:
    """The source, unless it has no list or that is being read already."""
    return {source} if source in inbox.listed() and not inbox.read_lately(source) else set()
