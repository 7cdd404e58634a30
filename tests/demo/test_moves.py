"""How the demo's orders, payments and refunds came to where they are: only by ways that the house allows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from opsconsole.demo import _moves
from opsconsole.demo._moves import Move
from opsconsole.demo._story import Person, person
from opsconsole.models import Order, OrderStatus, Payment, Refund

UNTIL = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return [person(i, UNTIL) for i in range(600)]


def follow(moves: Iterable[Move], noun: Any, status: str, start: datetime, end: datetime) -> list[Move]:
    """The moves, each of which goes on from the one before, later, and as the noun's table of moves allows."""
    made = list(moves)
    for move in made:
        assert move.after in noun.MOVES[move.before], (move.before, move.after)
    for before, after in pairwise(made):
        assert before.after is after.before and before.at < after.at
    if made:
        assert made[-1].after == status and start < made[0].at and made[-1].at == end
    return made


def test_orders_went_the_usual_way(people: list[Person]) -> None:
    seen = set()
    for order in (order for one in people for order in one.orders):
        made = follow(_moves.of_order(order), Order, order.status, order.placed_at, order.since)
        assert bool(made) == (order.status is not OrderStatus.DRAFT)
        assert not made or made[0].before is OrderStatus.DRAFT
        seen.add(order.status)
        ready = [move.at for move in made if move.after is OrderStatus.READY]
        if order.payments and ready:  # paid, and so ready: never before the money was there
            assert ready[0] > max(payment.at for payment in order.payments)
    assert seen == set(OrderStatus)


def test_money_came_and_went_as_stripe_lets_it(people: list[Person]) -> None:
    for payment in (payment for one in people for payment in one.payments):
        [paid] = _moves.of_payment(payment)
        assert follow([paid], Payment, "succeeded", payment.at, paid.at)
        for refund in payment.refunds:
            made = follow(_moves.of_refund(refund), Refund, refund.status, refund.at, refund.settled_at)
            assert made or (refund.by is None and refund.status == "pending")
        if payment.dispute and payment.dispute.over_at:
            assert payment.dispute.at < payment.dispute.over_at < UNTIL and not payment.disputed


def test_the_same_story_has_the_same_moves() -> None:
    told = [list(_moves.rows(_moves.of_order(person(0, UNTIL).orders[0]))) for _ in range(2)]
    assert told[0] == told[1] and len({row["id"] for row in told[0]}) == len(told[0]) == 9
