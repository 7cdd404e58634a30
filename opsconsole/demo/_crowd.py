"""Everybody else, about 3 % of their orders still open. The first two thousand came in the last eighteen months and
have two or three orders each; those after them have been here for up to eight years and have ten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ..models import OrderStatus, RefundStatus
from ._chance import Chance
from ._plans import ELSEWHERE, CustomerPlan, Drift, HomePlan, OrderPlan, RefundPlan
from ._products import DUPLICATES, LEGACY

NEWCOMERS = 2000
LONGEST_AGO = timedelta(days=548)  # for newcomers
_OLD_SHOP = timedelta(days=900)  # what is older was sold by the shop as it was then
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
    orders = tuple(_orders(chance) if i < NEWCOMERS else _orders_of_years(chance))
    return CustomerPlan(
        orders,
        reachable=chance.random() > 0.02,
        home=_home(chance),
        drift=_drift(chance),
        former_email=chance.random() < 0.01,
    )


def _home(chance: Chance) -> HomePlan:
    kind = chance.choices(("house", "po_box", "armed_forces"), (970, 25, 5))[0]
    flat = f"Apt {chance.randint(1, 40)}{chance.choice('ABCD')}"
    in_flat = kind == "house" and chance.random() < 0.25
    return HomePlan(
        kind, flat=flat if in_flat else "", zip4=chance.random() < 0.15, moved=chance.random() < 0.04
    )


def _drift(chance: Chance) -> Drift:
    return Drift(*(chance.random() < 0.004 for _ in range(4)))


def _orders(chance: Chance) -> Iterator[OrderPlan]:
    yield from _open(chance, 0.075)
    count = chance.choices(range(6), (4, 22, 30, 22, 14, 8))[0]
    still_with_us = chance.random() < 0.6
    age = chance.hours(10 * 24, (70 if still_with_us else 480) * 24)
    for _ in range(count):
        if age > LONGEST_AGO:
            return
        yield _finished(chance, age)
        age += chance.hours(54 * 24, 68 * 24)


def _orders_of_years(chance: Chance) -> Iterator[OrderPlan]:
    """Every 60 or every 90 days, the older ones still from the shop as it was."""
    yield from _open(chance, 0.3)
    days = chance.choice((60, 90))
    still_with_us = chance.random() < 0.6
    age = chance.hours(10 * 24, (days + 10 if still_with_us else 1200) * 24)
    never_changed = chance.choice((*LEGACY, *DUPLICATES)).sku if chance.random() < 0.3 else None
    for _ in range(chance.randint(4, 16)):
        yield _finished(chance, age, never_changed if age > _OLD_SHOP else None)
        age += chance.hours((days - 6) * 24, (days + 8) * 24)


def _open(chance: Chance, share: float) -> Iterator[OrderPlan]:
    if chance.random() < share:
        status, _, least, most = chance.choices(_OPEN, [weight for _, weight, _, _ in _OPEN])[0]
        yield OrderPlan(chance.hours(least, most), status)


def _finished(chance: Chance, age: timedelta, sku: str | None = None) -> OrderPlan:
    arrived = _S.CLOSED if age > timedelta(days=38) else _S.DELIVERED
    status = chance.choices((arrived, _S.CANCELED, _S.RETURNED, _S.REJECTED), (935, 35, 15, 15))[0]
    if status == _S.CANCELED and chance.random() < 0.5:
        return OrderPlan(age, status, refunds=(RefundPlan(1, "cancelled_before_ship"),), sku=sku)
    if status == _S.CANCELED:
        return OrderPlan(age, status, payments=0, sku=sku)
    if status == _S.RETURNED:
        return OrderPlan(age, status, refunds=(RefundPlan(1, "never_arrived"),), sku=sku)
    if chance.random() < 0.01:
        return OrderPlan(age, status, free=True, sku=sku)
    refunds = tuple(_refunds(chance)) if chance.random() < 0.05 else ()
    return OrderPlan(age, status, payments=2 if chance.random() < 0.02 else 1, refunds=refunds, sku=sku)


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
