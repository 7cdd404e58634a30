"""The morning board: how many do not go on, by cause, by how long they wait and by who has to move. One statement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Select, case, func, select

from ...db import db, instant
from ...models import Holder, Stuck
from ._find import AGES, aged, counted, without_medicine
from ._rule import Rule
from .rules import RULES


@dataclass(frozen=True)
class Line:
    """One cause: how many of each age, and whom they wait for; `breached` of them for too long, and of `ends` the
    customers' medicine ends."""

    rule: Rule
    by_age: Counter[str]
    by_ball: Counter[str]
    breached: int
    ends: int = 0

    @property
    def total(self) -> int:
        return self.by_age.total()

    @property
    def ball(self) -> str:
        """Whom most of them wait for."""
        return max(self.by_ball, key=lambda ball: self.by_ball[ball])

    @property
    def ours(self) -> bool:
        """Is it we who have to move, for most of them?"""
        return self.ball == Holder.US


@dataclass(frozen=True)
class Board:
    """`lines` with ours first, then by how many have waited too long. `folded` wait for a system that is down: incident ->
    how many. What stands behind another cause of the same order is counted nowhere."""

    lines: Sequence[Line]
    folded: dict[str, int]

    @property
    def total(self) -> int:
        return sum(line.total for line in self.lines)

    @property
    def breached(self) -> int:
        return sum(line.breached for line in self.lines)

    @property
    def ends(self) -> int:
        return sum(line.ends for line in self.lines)

    @property
    def by_age(self) -> Counter[str]:
        return sum((line.by_age for line in self.lines), Counter())

    @property
    def by_ball(self) -> Counter[str]:
        return sum((line.by_ball for line in self.lines), Counter())

    @property
    def looks(self) -> list[Any]:
        """Few values that change when the board does."""
        return [
            [(line.rule.code, line.by_age, line.by_ball, line.breached, line.ends) for line in self.lines],
            self.folded,
        ]


_last: WeakKeyDictionary[Engine, tuple[float, Board]] = WeakKeyDictionary()
_one_at_a_time = Lock()


def board(*, at_most_old: float = 0) -> Board:
    """The board as it is now; however many screens ask, one a process and `at_most_old` seconds reads it for all."""
    if not at_most_old:
        return _read()
    with _one_at_a_time:
        read_at, known = _last.get(db.engine, (0.0, None))
        return known if known and monotonic() - read_at < at_most_old else _read()


@cache
def _query() -> Select[Any]:
    band = case(*((aged(code), code) for code in AGES))
    breached = func.count().filter(Stuck.breach_at <= select(instant()).scalar_subquery())
    ends = func.count().filter(without_medicine())
    return (
        select(Stuck.code, Stuck.ball, band, Stuck.incident_id, func.count(), breached, ends)
        .where(counted() | Stuck.incident_id.is_not(None), Stuck.ended_at.is_(None))
        .group_by(Stuck.code, Stuck.ball, band, Stuck.incident_id)
    )


def _read() -> Board:
    lines: dict[str, Line] = {}
    folded: Counter[str] = Counter()
    for code, ball, age, incident, number, breached, ends in db.session.connection().execute(_query()):
        if incident:
            folded[incident] += number
            continue
        old = lines.get(code) or Line(RULES[code], Counter(), Counter(), 0)
        old.by_age[age] += number
        old.by_ball[ball] += number
        lines[code] = Line(old.rule, old.by_age, old.by_ball, old.breached + breached, old.ends + ends)
    first = sorted(lines.values(), key=lambda line: (not line.ours, -line.breached, line.rule.order))
    found = Board(first, dict(folded))
    _last[db.engine] = (monotonic(), found)
    return found
