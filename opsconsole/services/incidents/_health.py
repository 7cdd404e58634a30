"""The vendor health board: how each outside system is doing, from what was called, what it told us and what waits.

Eight statements, each bounded: the last day's attempts by an index of their time, fifty events of each vendor, what is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from threading import Lock
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Executable, func, literal, select, union_all

from ... import vendors
from ...db import db, instant
from ...models import Breaker, Incident, Pacing, Promise
from .. import outbox, watch
from ._find import standing
from ._silent import Silence, Spoken, silences, spoken


@dataclass(frozen=True)
class Waiting:
    """Calls that the vendor keeps waiting: how many, since when the oldest, and about how many people."""

    calls: int = 0
    oldest: datetime | None = None
    customers: int = 0


@dataclass(frozen=True)
class Health:
    """One outside system. `hour` and `day` are its calls; `pace` is how much of its allowed pace is used, from 0, None where
    none is set."""

    system: vendors.System
    hour: watch.Calls
    day: watch.Calls
    heard: Spoken | None
    silence: Silence | None
    breakers: Sequence[Breaker]
    pace: float | None
    waiting: Waiting
    incident: Incident | None

    @property
    def looks(self) -> list[Any]:
        """Its numbers as the page shows them: ages keep themselves up to date there."""
        ratios = [round(one.ratio, 3) if one.ratio is not None else None for one in (self.hour, self.day)]
        p95 = round(self.day.p95, 1) if self.day.p95 is not None else None
        return [
            self.system.port, ratios, self.hour.failed, self.day.failed, p95, self.waiting.calls, self.waiting.customers,
            self.heard.last_event_at if self.heard else None, self.silence is not None,
            [(one.method, one.opened_at) for one in self.breakers], round(self.pace or 0, 1),
            [self.incident.id, self.incident.status] if self.incident else None,
        ]  # fmt: skip


_last: WeakKeyDictionary[Engine, tuple[float, list[Health]]] = WeakKeyDictionary()
_one_at_a_time = Lock()


def health(*, at_most_old: float = 0) -> list[Health]:
    """How every system that is connected is doing. However many screens ask again and again, one a process and
    `at_most_old` seconds reads it for all of them; it is the same for everybody."""
    if not at_most_old:
        return _read()
    with _one_at_a_time:
        read_at, known = _last.get(db.engine, (0.0, None))
        return known if known is not None and monotonic() - read_at < at_most_old else _read()


def _read() -> list[Health]:
    now: datetime = db.session.scalar(select(instant()))  # type: ignore[assignment]
    hour, day = watch.calls("1h"), watch.calls("24h")
    heard = spoken()
    silent = {one.port: one for one in silences(heard, now)}
    breakers, paces, waiting = outbox.health(), _paces(now), _waiting()
    incidents = {one.port: one for one in standing()}
    found = [
        Health(
            system=system,
            hour=hour.get(system.port, watch.Calls()),
            day=day.get(system.port, watch.Calls()),
            heard=next((one for one in heard if one.source == system.source and one.events), None),
            silence=silent.get(system.port),
            breakers=[one for one in breakers if one.port in system.ports],
            pace=paces.get(system.port),
            waiting=waiting.get(system.port, Waiting()),
            incident=incidents.get(system.port),
        )
        for system in connected()
    ]
    _last[db.engine] = (monotonic(), found)
    return found


def connected() -> list[vendors.System]:
    """The systems that this installation works with."""
    return [one for one in vendors.SYSTEMS if any(vendors.connected(port) for port in one.ports)]


def _paces(now: datetime) -> Mapping[str, float]:
    """How much of the pace that is set for a vendor's calls is used: 1 is all of it."""
    ahead = {name: free_at - now for name, free_at in db.session.execute(select(Pacing.name, Pacing.free_at))}
    found: dict[str, float] = {}
    for keeper in outbox.KEEPERS.values():
        if pace := keeper.pace:
            port = vendors.system_of(keeper.port).port
            taken = ahead[pace.name] / (pace.every * pace.burst) if pace.name in ahead else 0.0
            found[port] = max(found.get(port, 0.0), taken, 0.0)
    return found


def _waiting() -> Mapping[str, Waiting]:
    return {port: Waiting(*numbers) for port, *numbers in db.session.execute(_waiting_query())}


@cache
def _waiting_query() -> Executable:
    each = []
    for system in vendors.SYSTEMS:
        people = select(func.count()).select_from(outbox.concerned(system.port, "cst").subquery())
        each.append(
            select(
                literal(system.port), func.count(), func.min(Promise.created_at), people.scalar_subquery()
            ).where(outbox.waits_for(system.port))
        )
    return union_all(*each)
