"""How the work on cases goes, by team and by person: numbers alone. Nothing of it names a customer or what a case says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, and_, case, func, select, tuple_

from ...db import db
from ...models import Case, CaseStatus, Staff, Team
from ._claim import waits
from ._find import done, due


@dataclass(frozen=True)
class Number:
    """A number of the board and what of /cases it counts."""

    value: int
    query: dict[str, str]

    @property
    def url(self) -> str:
        return f"/cases?{urlencode(self.query)}"


@dataclass(frozen=True)
class Line:
    """A team's or a person's. `to_done` is the median time in seconds from opening to end of what people ended in the last
    30 days, `reopen_rate` the share of it that was there again within a week; None where nothing was ended."""

    code: str
    name: str
    open: Number
    claimed: Number
    breached: Number
    snoozed: Number
    done_today: Number
    done_month: Number
    reopened: Number
    to_done: float | None

    @property
    def reopen_rate(self) -> float | None:
        return self.reopened.value / self.done_month.value if self.done_month.value else None


@dataclass(frozen=True)
class TeamBoard:
    teams: list[Line]
    people: list[Line]

    @property
    def looks(self) -> list[Any]:
        return [self.teams, self.people]


_OPEN = {"status": CaseStatus.OPEN.value}


def team_board() -> TeamBoard:
    """The board as it is now, in four statements."""
    by_team, by_owner = _open(Case.team), _open(Case.owner_id)
    ended, ended_by = _ended()
    teams = [
        _line(team.value, team.words, {"team": team.value}, {"team": team.value}, by_team, ended)
        for team in Team
    ]
    wanted = sorted({id for id in (*by_owner, *ended_by) if id})
    names = db.session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(wanted)).order_by(Staff.name))
    people = [_line(id, name, {"owner": id}, {"done_by": id}, by_owner, ended_by) for id, name in names]
    return TeamBoard(teams, people)


def _open(by: Any) -> dict[str | None, Any]:
    """The open cases by a column."""

    def number(condition: ColumnElement[bool]) -> Any:
        return func.count(case((condition, 1)))

    query = (
        select(
            by.label("key"), func.count().label("open"), number(Case.owner_id.is_not(None)).label("claimed"),
            number(and_(waits(), due("breached"))).label("breached"),
            number(Case.snoozed_until.is_not(None)).label("snoozed"),
        )
        .where(Case.status == CaseStatus.OPEN)
        .group_by(by)
    )  # fmt: skip
    return {row.key: row for row in db.session.connection().execute(query)}


def _ended() -> tuple[dict[str | None, Any], dict[str | None, Any]]:
    """What people ended in the last 30 days, by team and by person; gone through once."""
    took = func.extract("epoch", Case.resolved_at - Case.created_at)
    query = (
        select(
            Case.team, Case.resolved_by, func.grouping(Case.resolved_by).label("of_team"), func.count().label("month"),
            func.count(case((done("today"), 1))).label("today"), func.count(Case.reopened_at).label("reopened"),
            func.percentile_cont(0.5).within_group(took).label("took"),
        )
        .where(done("month"))
        .group_by(func.grouping_sets(tuple_(Case.team), tuple_(Case.resolved_by)))
    )  # fmt: skip
    rows = db.session.connection().execute(query).all()
    return {row.team: row for row in rows if row.of_team}, {
        row.resolved_by: row for row in rows if not row.of_team
    }


def _line(
    code: str,
    name: str,
    whose: dict[str, str],
    whose_done: dict[str, str],
    open_: dict[Any, Any],
    ended: dict[Any, Any],
) -> Line:
    now, then = open_.get(code), ended.get(code)
    here = {**_OPEN, **whose}

    def of(row: Any, name: str, query: dict[str, str]) -> Number:
        return Number(int(getattr(row, name)) if row else 0, query)

    any_owner = {} if "owner" in whose else {"owner": "any"}
    return Line(
        code, name,
        of(now, "open", here), of(now, "claimed", here | any_owner),
        of(now, "breached", here | {"due": "breached", "snoozed": "no"}), of(now, "snoozed", here | {"snoozed": "yes"}),
        of(then, "today", {"status": "", "done": "today"} | whose_done),
        of(then, "month", {"status": "", "done": "month"} | whose_done),
        of(then, "reopened", {"status": "", "done": "month", "reopened": "yes"} | whose_done),
        float(then.took) if then and then.took is not None else None,
    )  # fmt: skip
