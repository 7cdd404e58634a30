"""What a limit would have meant for the refunds that were made, or for whatever else its act did."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from ...db import db, now
from ...lib.money import Money
from ...models import Limit, Staff, Token
from .. import refunds

DAYS = 30
# What was done by an act since an instant, in its order: (who did it, its cents, what it came to in a measure's window).
Replay = Callable[[datetime, str], Iterable[tuple[str, int, int | None]]]
_REPLAYS: dict[str, tuple[str, Replay]] = {"refunds.issue": ("refunds", refunds.spent_in_order)}


def replays(act: str, called: str, replay: Replay) -> None:
    """Register how what an act did is replayed, and what people call it."""
    _REPLAYS[act] = (called, replay)


def called(limit: Limit) -> str:
    """What its act makes, in words."""
    return _REPLAYS[limit.act][0]


@dataclass
class Sum:
    """How many, and their amounts in cents of US dollars."""

    count: int = 0
    cents: int = 0

    @property
    def money(self) -> str:
        return str(Money(self.cents, "usd"))


@dataclass
class Simulated:
    """What the role did in the last 30 days, by what the limit would have said to each."""

    alone: Sum = field(default_factory=Sum)
    second: Sum = field(default_factory=Sum)
    refused: Sum = field(default_factory=Sum)

    @property
    def as_json(self) -> dict[str, dict[str, Any]]:
        return {
            name: {"count": one.count, "amount": {"amount": f"{one.cents / 100:.2f}", "currency": "usd"}}
            for name, one in vars(self).items()
        }


def simulate(limit: Limit, alone: int, at_most: int | None) -> Simulated:
    """Replay what its act did in the last 30 days by whoever has the limit's role today, in their order: each with what
    had been given in the limit's window before it. What was refused then was never made, and is not seen here."""
    found, makers = Simulated(), _makers(limit.role_id)
    _, replay = _REPLAYS[limit.act]
    for maker, cents, total in replay(now() - timedelta(days=DAYS), limit.measure):
        if maker in makers:
            which = _verdict(found, total, alone, at_most)
            which.count += 1
            which.cents += cents
    return found


def _verdict(found: Simulated, total: int | None, alone: int, at_most: int | None) -> Sum:
    if total is None:  # a currency without a rate: never alone, never too much
        return found.second
    if at_most is not None and total > at_most:
        return found.refused
    return found.second if total > alone else found.alone


def _makers(role_id: str) -> set[str]:
    people = select(Staff.id).where(Staff.role_id == role_id)
    programs = select(Token.id).where(Token.role_id == role_id)
    return {*db.session.scalars(people), *db.session.scalars(programs)}
