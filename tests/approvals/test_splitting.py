"""However an amount over the limit is cut up, no more than the limit goes out without a second person."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from opsconsole.db import db
from opsconsole.services.approvals import _weigh

from ..house import House
from .scenes import ask

DAY = 24 * 3600
# 301.00 is one dollar over what an ops lead or finance may give a customer alone in a week.


@dataclass(frozen=True)
class Way:
    """301.00 in `parts`, in turn by `roles`, over so many `orders`, in `currency`, with `pause` seconds in between."""

    parts: tuple[int, ...]
    roles: tuple[str, ...] = ("ops_lead",)
    orders: int = 1
    currency: str = "usd"
    pause: int = 0


def ways() -> Iterator[Way]:
    halves, thirds = (150_50, 150_50), (100_00, 100_00, 101_00)
    cents, tail, head = (1_00, 300_00), (300_00, 1_00), (299_99, 1_01)
    both = ("ops_lead", "finance")
    for parts in (halves, thirds, cents, tail, head):  # one person, one order
        yield Way(parts)
    for parts in (halves, thirds, tail):  # two people in turn
        yield Way(parts, both)
    for parts in (halves, thirds):  # each part of another order
        yield Way(parts, orders=len(parts))
        yield Way(parts, both, orders=len(parts))
    for currency in ("eur", "gbp", "cad"):  # weighed at their rate, rounded up
        yield Way(halves, both, currency=currency)
    yield Way(halves, pause=DAY + 1)  # over midnight
    yield Way(thirds, both, orders=3, pause=DAY + 1)
    yield Way((50_00,) * 6 + (1_00,), ("ops_lead", "finance", "demo"), orders=2)
    yield Way(thirds, both, orders=3, currency="eur")
    yield Way(halves, both, orders=2, pause=3 * DAY)


def test_twenty_ways_to_split_and_none_passes(house: House) -> None:
    assert len([*ways()]) == 20
    for number, way in enumerate(ways()):
        house.advance(DAY + 1)  # what one person gives in a day is another limit
        alone = _go(house, way, f"split-{number}")
        assert alone <= 300_00, (number, way, alone)
        assert alone >= min(way.parts), (number, way, alone)  # only what is too much is stopped


def _go(house: House, way: Way, customer: str) -> int:
    """Ask for each part. Returns what was done without a second person, in cents of US dollars."""
    orders = [house.order("500.00", currency=way.currency, customer=customer) for _ in range(way.orders)]
    alone = 0
    for turn, dollars in enumerate(way.parts):
        minor = dollars * int(float(_weigh.PER_DOLLAR[way.currency]) * 100) // 100
        role = way.roles[turn % len(way.roles)]
        answer = ask(house, orders[turn % way.orders], f"{minor / 100:.2f}", role)
        assert answer.status_code in (201, 202), answer.get_json()
        alone += dollars if answer.status_code == 201 else 0
        house.advance(way.pause)
    return alone


@pytest.mark.parametrize("races", [200, pytest.param(1000, marks=pytest.mark.soak)])
def test_two_at_once_never_pass_one_daily_limit(house: House, races: int) -> None:
    """Each race: two refunds of 60.00 to two customers by one actor, of whose day 100.00 is left at most."""
    with house.app.app_context():
        db.session.execute(
            db.text("update limits set alone = 10000, at_most = 10000 where measure = 'actor_day'")
        )
        db.session.commit()
    orders = [house.order("90000.00", customer=f"race-{n}") for n in range(2)]
    for nth in range(races):
        role = ("support", "ops_lead", "finance", "demo")[nth % 4]
        codes = _at_once(house, orders, role)
        [spent] = house.rows(
            "select coalesce(sum(amount), 0) as cents from refunds join tokens on tokens.id = by_id"
            " where tokens.name = :role and refunds.created_at > instant() - interval '24 hours'",
            role=role,
        )
        assert spent.cents <= 100_00, (nth, codes, spent.cents)
        assert codes.count(201) == 1, (nth, codes)
        if nth % 4 == 3:
            house.advance(31 * DAY)


def _at_once(house: House, orders: list[Any], role: str) -> list[int]:
    """A refund of 60.00 of each order at the same time. Returns the statuses."""
    with ThreadPoolExecutor() as pool:
        return [answer.status_code for answer in pool.map(lambda one: ask(house, one, "60.00", role), orders)]
