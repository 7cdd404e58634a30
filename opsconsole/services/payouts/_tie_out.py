"""Tying a day out: its sums, and every difference with its class."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select

from ...db import db, instant
from ...lib import ids
from ...lib.money import Money
from ...lib.refusal import Refused
from ...models import TieOut, TieOutGap, TieOutStatus
from ...models.tie_out import midnight
from .. import cases
from .._act import act, performing, say
from .._actor import Actor
from ._differences import Difference, differences
from ._kinds import KINDS
from ._rows import COLUMNS, sums

RECENT = 3  # days that are tied out again whatever they were
FIRST = 14  # and how many are when none was before
REACH = timedelta(days=45)  # how long a day that does not tie is looked at again
REASON = "does_not_tie_out"


class NotOver(Refused):
    """The day is not over."""


class NothingThatDay(Refused):
    """No money moved on that day."""


@act
def tie_out(*, day: date, by: Actor) -> TieOut:
    """Tie out a day (UTC) again, in every currency. Returns the currency in which most was sold.

    Raises NotOver, NothingThatDay.
    """
    if day >= performing().now.astimezone(UTC).date():
        raise NotOver("That day is not over yet (days are counted in UTC).", field="day")
    tied = _tie(day)
    if not tied:
        raise NothingThatDay("No money moved on that day.", field="day")
    return max(tied, key=lambda one: (one.sold, one.charged, one.id))


@act(robots=("clock", "console"))
def tie(*, day: date, by: Actor) -> None:
    """The clock's own."""
    _tie(day)


def to_tie() -> list[date]:
    """The days that the clock ties out: the last few, and of the last weeks those that did not tie."""
    today = last_day() + timedelta(days=1)
    apart = select(TieOut).where(
        TieOut.status != TieOutStatus.TIED, TieOut.starts_at >= midnight(today - REACH)
    )
    days = RECENT if db.session.scalar(select(TieOut.id).limit(1)) else FIRST
    recent = {today - timedelta(days=ago) for ago in range(1, days + 1)}
    return sorted(recent | {tied.day for tied in db.session.scalars(apart)})


def last_day() -> date:
    """The last day that is over."""
    now: datetime = db.session.scalar(select(instant()))  # type: ignore[assignment]
    return now.astimezone(UTC).date() - timedelta(days=1)


def _tie(day: date) -> list[TieOut]:
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"tie-out {day}", 0))))
    today = performing().now.astimezone(UTC).date()
    found: dict[str, list[Difference]] = {}
    for one in differences(day, today):
        found.setdefault(one.currency, []).append(one)
    known = {one.currency: one for one in TieOut.of_day(day)}
    every = sums(day)
    empty = dict.fromkeys(COLUMNS, 0)
    tied = [
        _write(known.get(currency), day, currency, every.get(currency, empty), found.get(currency, []))
        for currency in sorted({*known, *every, *found})
    ]
    say(_told(day, tied))
    return tied


def _write(
    known: TieOut | None, day: date, currency: str, columns: dict[str, int], gaps: list[Difference]
) -> TieOut:
    now = performing().now
    tied = (
        known
        or TieOut(
            status=TieOutStatus.TIED,
            starts_at=midnight(day),
            currency=currency,
            created_at=now,
            ran_at=now,
            gap=0,
            unexplained=0,
            **columns,
        ).add()
    )
    for name, total in columns.items():
        setattr(tied, name, total)
    tied.ran_at, tied.gaps, tied.gap = now, len(gaps), sum(abs(one.amount) for one in gaps)
    tied.unexplained = sum(
        abs(step.gap - sum(one.amount for one in gaps if one.step == step.code)) for step in tied.steps()
    )
    tied.move_to(_stands(gaps, tied.unexplained))
    db.session.flush()
    _replace(tied, gaps)
    _watch(tied, gaps)
    return tied


def _stands(gaps: Iterable[Difference], unexplained: int) -> TieOutStatus:
    kinds = {KINDS[one.kind].waits for one in gaps}
    if unexplained or False in kinds:
        return TieOutStatus.OPEN
    return TieOutStatus.WAITING if kinds else TieOutStatus.TIED


def _replace(tied: TieOut, gaps: list[Difference]) -> None:
    db.session.execute(delete(TieOutGap).where(TieOutGap.tie_out_id == tied.id))
    rows: list[dict[str, Any]] = [
        {
            "id": ids.new(TieOutGap.PREFIX), "created_at": tied.ran_at, "tie_out_id": tied.id, "step": one.step,
            "kind": one.kind, "currency": one.currency, "amount": one.amount, "record_id": one.record_id,
            "external_id": one.external_id,
        }
        for one in gaps
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(TieOutGap), rows)


def _watch(tied: TieOut, gaps: list[Difference]) -> None:
    """One case for a day that somebody has to look at, until it ties."""
    if tied.status != TieOutStatus.OPEN:
        cases.close_when_solved(REASON, tied.id, "it ties out")
        return
    grave = [one for one in gaps if not KINDS[one.kind].waits]
    words = sorted({KINDS[one.kind].words.lower() for one in grave}) or ["a difference without a class"]
    total = Money(sum(abs(one.amount) for one in grave), tied.currency)
    cases.open_case(
        REASON,
        tied.id,
        says=f"{total} of {tied.day:%d %b %Y} do not tie out: {', '.join(words)}.",
        suggests={"act": "payouts.tie_out", "url": tied.url, "label": "See each difference and what to do"},
    )


def _told(day: date, tied: list[TieOut]) -> str:
    if not tied:
        return f"No money moved on {day:%d %b %Y}"
    how = [f"{one.currency.upper()} {one.state.value}" for one in tied]
    return f"Tied out {day:%d %b %Y}: {', '.join(how)}"
