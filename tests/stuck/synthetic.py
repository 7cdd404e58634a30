"""Orders as they stand in life: what is wrong with each is known, because it was put there. A seed makes them the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from sqlalchemy.exc import IntegrityError

from opsconsole.db import db
from opsconsole.models import Customer, Order, OrderStatus, Pharmacy, Provider

from .plant import Plant
from .precedence import first
from .test_rules import world


class Unjoinable(Exception):
    """Two worlds that no single order can be in."""


@dataclass(frozen=True)
class Labelled:
    """`right` is the code that has to be told of `subject`; None when nothing is wrong with it. `made` says how."""

    subject: str
    right: str | None
    made: str


class Varied(Plant):
    """Everything is a little longer ago than in the plain world. With `joined`, the next order is that one, which then is
    in both worlds at once. `town` has the clinic and the pharmacy that all go to."""

    def __init__(self, town: Plant, stretch: float = 1.0, joined: Order | None = None) -> None:
        super().__init__(town.now)
        self.town, self.stretch, self.joined, self.orders = town, stretch, joined, list[Order]()

    def clinic(self) -> Provider:
        return self.town.clinic()

    def one_licensed(self) -> Pharmacy:
        return self.town.one_licensed()

    def ago(self, **span: float) -> datetime:
        return self.now - (self.now - super().ago(**span)) * self.stretch

    def order(self, status: Any = OrderStatus.READY, since: datetime | None = None, **more: Any) -> Order:
        if self.joined is None:
            made = super().order(status, since, **more)
        else:
            made = self._join(self.joined, status, since, **more)
        self.orders.append(made)
        return made

    def _join(self, order: Order, status: Any, since: datetime | None, **more: Any) -> Order:
        if self.orders or order.status != status or not more.pop("paid", True):
            raise Unjoinable
        more.pop("customer", None)
        for name, value in more.items():
            setattr(order, name, value)
        order.status_since = min(order.status_since, since or order.status_since)
        db.session.flush()
        return order

    def customer(self, **more: Any) -> Customer:
        if self.joined is None or self.orders:
            return super().customer(**more)
        mine = Customer.require(self.joined.customer_id)
        for name, value in more.items():
            setattr(mine, name, value)
        db.session.flush()
        return mine


# ---------------------------------------------------------------- what must not matter

Noise = Callable[[Plant, Order], object]
NOISE: dict[str, Noise] = {
    "a case that is dealt with": lambda plant, order: plant.case_of(
        "parcel_late", order, plant.ago(days=3), status="resolved", outcome="solved", resolved_at=plant.ago(days=2)
    ),
    "a refund under way": lambda plant, order: plant.refund(
        "pending", plant.ago(hours=5), order=order, amount=300
    ),
    "a refund of last month": lambda plant, order: plant.refund(
        "succeeded", plant.ago(days=30), order=order, amount=200
    ),
    "a fill that was called off": lambda plant, order: plant.fill(
        order, "canceled", plant.ago(days=2), code="out_of_stock"
    ),
    "a fill that was undone": lambda plant, order: plant.fill(order, "withdrawn", plant.ago(days=2)),
    "a hold that was released": lambda plant, order: plant.hold(
        order, plant.ago(days=8).date(), status="released"
    ),
    "a finding that is gone": lambda plant, order: plant.finding(
        order, "fill_behind", plant.ago(days=2), status="gone", closed_at=plant.ago(days=1)
    ),
    "a declined try before": lambda plant, order: plant.payment(order, "canceled"),
    "several products": lambda plant, order: plant.plain_line(order, "OTC-1", position=7),
    "an order of last year": lambda plant, order: plant.shipment(
        plant.order(OrderStatus.CLOSED, plant.ago(days=300), customer=order.customer), "delivered",
        plant.ago(days=295), delivered_at=plant.ago(days=295),
    ),
}  # fmt: skip


# ---------------------------------------------------------------- nothing is wrong


def _moves(plant: Plant) -> Order:
    order = plant.order(OrderStatus.SHIPPED, plant.ago(days=1))
    fill = plant.fill(order, "shipped", plant.ago(days=1), tracking_number="1Z")
    plant.shipment(
        order, "in_transit", plant.ago(days=1), last_scan_at=plant.ago(hours=6), fill_id=fill.id,
        promised_on=plant.ahead(days=2).date(),
    )  # fmt: skip
    return order


def _being_made_up(plant: Plant) -> Order:
    order = plant.order(OrderStatus.AT_PHARMACY, plant.ago(hours=9))
    plant.fill(order, "filling", plant.ago(hours=9), external_id=plant.word())
    return order


def _sent_just_now(plant: Plant) -> Order:
    order = plant.order(OrderStatus.SUBMITTED, plant.ago(minutes=5))
    plant.fill(order, "sent", plant.ago(minutes=5))
    return order


def _arrived(plant: Plant) -> Order:
    order = plant.order(OrderStatus.DELIVERED, plant.ago(days=5))
    fill = plant.fill(order, "shipped", plant.ago(days=8), tracking_number="1Z")
    there = plant.ago(days=5)
    plant.shipment(order, "delivered", there, last_scan_at=there, delivered_at=there, fill_id=fill.id)
    return order


HEALTHY: dict[str, Callable[[Plant], Order]] = {
    "under way": _moves,
    "being made up": _being_made_up,
    "sent just now": _sent_just_now,
    "arrived": _arrived,
    "ready just now": lambda plant: plant.order(OrderStatus.READY, plant.ago(minutes=2)),
    "held until tomorrow": lambda plant: (
        plant.hold(plant.order(OrderStatus.ON_HOLD, plant.ago(days=1)), plant.ahead(days=1).date())
        and _last(plant)
    ),
}


def _last(plant: Plant) -> Order:
    assert isinstance(plant, Varied)
    return plant.orders[-1]


# ---------------------------------------------------------------- all of them

#: Of these the one is not so where the other is: a parcel that is late is followed, so its number is known.
APART = [{"SHP.LATE", "SHP.NO_TRACKING"}]


class Crowd:
    """`many` subjects: half with one cause, a fifth with two, the rest with none or just not; noise on most."""

    def __init__(self, now: datetime, codes: list[str], seed: int) -> None:
        self.town, self.codes, self.random = Plant(now), codes, Random(seed)
        self.stood: dict[str, str] = {}  # in which status the one order of a cause's world stands
        self.made = Counter[str]()

    def plant(self, many: int) -> list[Labelled]:
        found = [self.one(code) for code in self.codes]
        pairs = self.pairs()
        while len(found) < many:
            kind = self.random.choices(("one", "two", "none"), (5, 3, 2))[0]
            if kind == "two" and (both := next(pairs, None)):
                found.append(both)
            elif kind == "none":
                found.append(self.none())
            else:
                found.append(self.one(self.random.choice(self.codes)))
        return found

    def one(self, code: str) -> Labelled:
        """The world of one cause, and what must not matter beside it."""
        plant = self.varied()
        subject = world(code).firing(plant)
        if len(plant.orders) == 1 and plant.orders[0].id == subject:
            self.stood[code] = plant.orders[0].status
        return Labelled(subject, code, " + ".join([code, *self.noise(plant, subject)]))

    def none(self) -> Labelled:
        what = self.random.choice(list(HEALTHY))
        plant = self.varied()
        order = HEALTHY[what](plant)
        return Labelled(order.id, None, " + ".join([what, *self.noise(plant, order.id)]))

    def pairs(self) -> Iterator[Labelled]:
        """Orders with two causes of which it is laid down which is told, again and again."""
        standing = sorted(self.stood.items())
        pairs = [
            (one, other, right)
            for one, status in standing
            for other, its in standing
            if one < other and status == its and (right := first(one, other)) and {one, other} not in APART
        ]
        while pairs:
            self.random.shuffle(pairs)
            for one, other, right in list(pairs):
                if made := self._both(one, other, right):
                    yield made
                else:
                    pairs.remove((one, other, right))

    def _both(self, one: str, other: str, right: str) -> Labelled | None:
        with suppress(Unjoinable, IntegrityError), db.session.begin_nested():
            plant = self.varied()
            subject = world(one).firing(plant)
            also = Varied(self.town, plant.stretch, joined=Order.require(subject))
            if world(other).firing(also) != subject:
                raise Unjoinable
            return Labelled(subject, right, f"{one} and {other}")
        return None

    def varied(self) -> Varied:
        return Varied(self.town, self.random.uniform(1.0, 1.1))

    def noise(self, plant: Plant, subject: str) -> list[str]:
        """None to two things that must not matter, where it is an order."""
        if not subject.startswith(f"{Order.PREFIX}_"):
            return []
        order = Order.require(subject)
        paid = bool(order.payments())
        fits = [name for name in NOISE if paid or "refund" not in name]
        chosen = self.random.sample(fits, self.random.choice((0, 1, 1, 2)))
        quiet = Plant(plant.now)
        for name in chosen:
            NOISE[name](quiet, order)
        return chosen
