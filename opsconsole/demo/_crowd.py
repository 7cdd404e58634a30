"""Everybody else: two or three orders each over eighteen months, about 3 % of them still open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ..models import OrderStatus, RefundStatus
from ._chance import Chance
from ._plans import ELSEWHERE, CustomerPlan, OrderPlan, RefundPlan

LONGEST_AGO = timedelta(days=548)
_S = OrderStatus

# status, how often, and how many hours ago such an order was placed: some have waited too long
_OPEN = (
    (_S.DRAFT, 2, 1, 70), (_S.AWAITING_VISIT, 3, 2, 120), (_S.IN_REVIEW, 3, 1, 40), (_S.AWAITING_RX, 2, 4, 50),
    (_S.AWAITING_PAYMENT, 2, 2, 90), (_S.READY, 1, 1, 30), (_S.SUBMITTED, 2, 2, 50), (_S.AT_PHARMACY, 4, 20, 130),
    (_S.SHIPPED, 8, 48, 230), (_S.ON_HOLD, 1, 20, 160), (_S.MANUAL_INTERVENTION, 1, 5, 70),
)  # fmt: skip
_REASONS = (
    "never_arrived",
    "damaged",
    "wrong_item",
    "adverse_reaction",
    "billing_error",
    "goodwill",
    "other",
)


def plan_of(i: int) -> CustomerPlan:
    """The plan of customer number `i`, the same whatever their number is."""
    chance = Chance("plan", i)
    return CustomerPlan(tuple(_orders(chance)), reachable=chance.random() > 0.02)


def _orders(chance: Chance) -> Iterator[OrderPlan]:
    if chance.random() < 0.075:
        status, _, least, most = chance.choices(_OPEN, [weight for _, weight, _, _ in _OPEN])[0]
        yield OrderPlan(chance.hours(least, most), status)
    count = chance.choices(range(6), (4, 22, 30, 22, 14, 8))[0]
    still_with_us = chance.random() < 0.6
    age = chance.hours(10 * 24, (70 if still_with_us else 480) * 24)
    for _ in range(count):
        if age > LONGEST_AGO:
            return
        yield _finished(chance, age)
        age += chance.hours(54 * 24, 68 * 24)


def _finished(chance: Chance, age: timedelta) -> OrderPlan:
    arrived = _S.CLOSED if age > timedelta(days=38) else _S.DELIVERED
    status = chance.choices((arrived, _S.CANCELED, _S.RETURNED, _S.REJECTED), (935, 35, 15, 15))[0]
    if status == _S.CANCELED and chance.random() < 0.5:
        return OrderPlan(age, status, refunds=(RefundPlan(1, "cancelled_before_ship"),))
    if status == _S.CANCELED:
        return OrderPlan(age, status, payments=0)
    if status == _S.RETURNED:
        return OrderPlan(age, status, refunds=(RefundPlan(1, "never_arrived"),))
    if chance.random() < 0.01:
        return OrderPlan(age, status, free=True)
    refunds = tuple(_refunds(chance)) if chance.random() < 0.05 else ()
    return OrderPlan(age, status, payments=2 if chance.random() < 0.02 else 1, refunds=refunds)


def _refunds(chance: Chance) -> Iterator[RefundPlan]:
    reason = chance.choice(_REASONS)
    kind = chance.choices(("part", "all", "twice", "again", "elsewhere"), (50, 30, 8, 4, 8))[0]
    if kind == "all":
        yield RefundPlan(1, reason)
    elif kind == "again":  # the first one came back from the bank
        yield RefundPlan(1, reason, RefundStatus.FAILED)
        yield RefundPlan(1, reason)
    else:
        yield RefundPlan(chance.uniform(0.1, 0.6), ELSEWHERE if kind == "elsewhere" else reason)
        if kind == "twice":
            yield RefundPlan(0.2, "goodwill")
