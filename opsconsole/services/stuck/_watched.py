"""How much does not go on, in numbers for whoever watches the machinery. Each is one statement over an index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Executable, Select, case, func, select, text

from ...db import db, now
from ...models import Stuck
from ..watch import Measure, also
from ._find import counted

# The instants are handed in: of a value that it knows the planner sees how few rows are newer.
_BEGAN = text("select code, count(*) from stuck where began_at >= :since group by 1")
_ENDED = text("select code, count(*) from stuck where ended_at >= :since group by 1")
# Of what ended since then, or lasts too long still: which part ended in time. As boards count it.
_IN_TIME = text(
    """
    select team, avg(kept) from (
        select team, (ended_at <= breach_at)::int as kept from stuck where ended_at >= :since
        union all
        select team, 0 from stuck where ended_at is null and breach_at < :at
    ) measured group by 1
    """
)
_AGE = text("select extract(epoch from instant() - whole_at) from stuck_cursor")


def age() -> float:
    """Seconds since everything was looked at; infinite when it never was."""
    found = db.session.scalar(_AGE)
    return float("inf") if found is None else float(found)


@also
def measures() -> Sequence[Measure]:
    """What stands on the board, what came and went, whether it was in time, and how old all of that is."""
    at = now()
    lately, week = {"since": at - timedelta(hours=1)}, {"since": at - timedelta(days=7), "at": at}
    return [
        ("stuck_open", "What does not go on, as the board counts it, by cause, who has to move, and whether it is worth a"
         " look (warn) or lasts too long (breach)", ["code", "ball", "level"], _rows(_open(at))),
        ("stuck_began_last_hour", "Spells that began within the last hour, by cause", ["code"], _rows(_BEGAN, **lately)),
        ("stuck_ended_last_hour", "Spells that ended within the last hour, by cause", ["code"], _rows(_ENDED, **lately)),
        ("service_level_ratio", "Part of the last 7 days' spells that ended in time", ["team"], _rows(_IN_TIME, **week)),
        ("diagnosis_age_seconds", "Time since everything was looked at for what is stuck", [], [([], age())]),
    ]  # fmt: skip


def _open(at: datetime) -> Select[Any]:
    level = case((Stuck.breach_at <= at, "breach"), else_="warn")
    return (
        select(Stuck.code, Stuck.ball, level, func.count())
        .where(counted())
        .group_by(Stuck.code, Stuck.ball, level)
    )


def _rows(query: Executable, **values: Any) -> list[tuple[list[str], float]]:
    """The last column is the number, those before it are the labels."""
    rows = db.session.execute(query, values)
    return [([str(label) for label in labels], float(number)) for *labels, number in rows]
