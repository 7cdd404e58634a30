"""One customer's whole story, made up from its plan: people, orders, money, all of it fixed by the number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ..models import OrderPaymentStatus, OrderStatus, RefundStatus, ShipTo
from ._cast import CAST
from ._chance import Chance
from ._crowd import plan_of
from ._homes import home_of
from ._people import Card, born_on, card_of, name_of, phone_of
from ._plans import ELSEWHERE, BannerPlan, CustomerPlan, Drift, HomePlan, OrderPlan, RefundPlan
from ._planted import reference
from ._products import BY_SKU, EXTRAS, TREATMENTS, priced, share

_S = OrderStatus
# How many days after it was placed an order came to where it ended.
_ENDS_AFTER = {_S.DELIVERED: 6.0, _S.CLOSED: 36.0, _S.CANCELED: 0.6, _S.RETURNED: 15.0, _S.REJECTED: 1.0}
_REFUNDERS = ("Sam Rivera", "Sam Rivera", "Sam Rivera", "Finn Marsh", "Lee Okafor")


@dataclass(frozen=True)
class Line:
    id: str
    sku: str
    name: str
    quantity: int
    unit_price: int

    @property
    def amount(self) -> int:
        return self.quantity * self.unit_price


@dataclass(frozen=True)
class GivenBack:
    """A refund. `by` is None when it was made at Stripe; `settled_at` is when its status came about."""

    id: str
    external_id: str
    amount: int
    reason: str
    status: RefundStatus
    at: datetime
    settled_at: datetime
    by: str | None
    reference: str | None
    trace: str

    @property
    def failure_reason(self) -> str | None:
        return "expired_or_canceled_card" if self.status is RefundStatus.FAILED else None

    @property
    def pending_reason(self) -> str | None:
        return "processing" if self.status is RefundStatus.PENDING else None


_DISPUTES = {
    "needs_response": "open", "under_review": "open", "warning_needs_response": "warning",
    "warning_under_review": "warning", "warning_closed": "closed", "prevented": "closed",
}  # fmt: skip


@dataclass(frozen=True)
class Disputed:
    """Of the whole payment. `status` is Stripe's word; `over_at` is when it was won."""

    id: str
    status: str
    at: datetime
    over_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.status in (
            "needs_response",
            "under_review",
            "warning_needs_response",
            "warning_under_review",
        )

    @property
    def due_at(self) -> datetime | None:
        """When Stripe wants the evidence, in whole seconds as it counts."""
        return self.at.replace(microsecond=0) + timedelta(days=20) if self.open else None

    @property
    def state(self) -> str:
        """Stripe's word in the console's own."""
        return _DISPUTES.get(self.status, self.status)

    @property
    def takes_money(self) -> bool:
        return self.status in ("needs_response", "under_review", "lost")


@dataclass(frozen=True)
class Paid:
    id: str
    external_id: str
    charge_id: str
    amount: int
    currency: str
    at: datetime
    card: Card
    refunds: tuple[GivenBack, ...] = ()
    dispute: Disputed | None = None

    @property
    def disputed(self) -> int:
        return self.amount if self.dispute and self.dispute.takes_money else 0


@dataclass(frozen=True)
class Bought:
    """An order. `since` is when it came to its status."""

    id: str
    reference: str
    currency: str
    status: OrderStatus
    placed_at: datetime
    since: datetime
    lines: tuple[Line, ...]
    shipping: int
    tax: int
    discount: int
    payments: tuple[Paid, ...]
    ship_to: ShipTo
    banner: BannerPlan | None = None

    @property
    def subtotal(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def paid_with_its_payments(self) -> str:
        """What the database will nearly always find once it has the payments: a row that it need not write twice."""
        return (
            OrderPaymentStatus.PAID if self.payments or not self.total else OrderPaymentStatus.UNPAID
        ).value

    @property
    def total(self) -> int:
        return self.subtotal + self.shipping + self.tax - self.discount


@dataclass(frozen=True)
class Person:
    """A customer. `stripe_id` is None as long as they never came to the till. The others' copies of how to reach them
    may differ from ours."""

    id: str
    reference: str
    name: str
    email: str | None
    phone: str | None
    stripe_id: str | None
    since: datetime
    orders: tuple[Bought, ...]
    unclaimed: Paid | None
    drift: Drift
    former_email: str | None
    heard_twice: bool
    birth_date: date
    banner: BannerPlan | None = None
    of_the_cast: bool = False
    number: int = -1

    @property
    def email_at_stripe(self) -> str | None:
        return f"old.{self.email}" if self.drift.stripe_email and self.email else self.email

    @property
    def email_at_crm(self) -> str | None:
        return f"new.{self.email}" if self.drift.crm_email and self.email else self.email

    @property
    def phone_at_crm(self) -> str | None:
        """Never the same as ours, and as fictitious."""
        if not (self.drift.crm_phone and self.phone):
            return self.phone
        return f"{self.phone[:-2]}{(int(self.phone[-2:]) + 37) % 100:02}"

    @property
    def payments(self) -> list[Paid]:
        found = [payment for order in self.orders for payment in order.payments]
        return [*found, self.unclaimed] if self.unclaimed else found


def person(i: int, until: datetime) -> Person:
    """Customer number `i`, with everything that happened to them before `until`."""
    plan = CAST[i] if i < len(CAST) else plan_of(i)
    chance = Chance("customer", i)
    card = card_of(chance, until.year)
    name = plan.name or name_of(i)
    home = home_of(str(i), plan.home)
    before = home_of(f"{i}.before", HomePlan(), but_not_in=home.state) if plan.home.moved else home
    orders = tuple(
        _order(f"{i}.{nth}", of, card, until, (before if nth * 2 >= len(plan.orders) else home).ship_to(name))
        for nth, of in enumerate(plan.orders)
    )
    since = _since(plan, orders, chance, until)
    email = _email(name, i) if plan.reachable else None
    return Person(
        id=chance.our_id("cst", since),
        reference=reference(i),
        name=name,
        email=email,
        phone=phone_of(chance, home.area_code) if plan.reachable else None,
        stripe_id=chance.stripe_id("cus") if any(order.payments for order in orders) else None,
        since=since,
        birth_date=born_on(i, until.date(), minor=plan.banner is not None and plan.banner.kind == "minor"),
        orders=orders,
        unclaimed=_unclaimed(i, until - plan.unclaimed, card) if plan.unclaimed else None,
        banner=plan.banner,
        of_the_cast=i < len(CAST),
        number=i,
        drift=plan.drift,
        former_email=f"was.{email}" if plan.former_email and email else None,
        heard_twice=plan.heard_twice,
    )


def _since(plan: CustomerPlan, orders: tuple[Bought, ...], chance: Chance, until: datetime) -> datetime:
    """They made an account shortly before their first order."""
    first = min((order.placed_at for order in orders), default=until - chance.hours(24, 400 * 24))
    return first - timedelta(seconds=chance.randint(60, 1500))


def _email(name: str, i: int) -> str:
    """One that nobody has: example.test is set aside for this (RFC 6761)."""
    letters = "".join(letter if letter.isascii() and letter.isalpha() else "." for letter in name.lower())
    return f"{'.'.join(part for part in letters.split('.') if part) or 'customer'}.{i}@example.test"[-64:]


def _order(number: str, plan: OrderPlan, card: Card, until: datetime, ship_to: ShipTo) -> Bought:
    chance = Chance("order", number)
    customer, nth = (int(part) for part in number.split("."))
    placed = until - plan.age
    ends = _ENDS_AFTER.get(plan.status)
    lasted = timedelta(days=ends) if ends else plan.age
    since = placed + (plan.took or min(chance.part(lasted, 0.5, 0.95), plan.age))
    lines = _lines(chance, plan, placed)
    subtotal = sum(line.amount for line in lines)
    discount = subtotal if plan.free else share(subtotal, _discount(chance), plan.currency)
    taxed = sum(line.amount for line in lines if line.sku in _TAXED)
    shipping = chance.choice((0, 0, 0, priced(500, plan.currency)))
    total = subtotal - discount + shipping
    tax = share(taxed, chance.choice((0.0, 0.06, 0.0825)), plan.currency)
    if plan.free:
        shipping, tax, total = 0, 0, 0
    payments = _payments(number, plan, total + tax, placed, since, card, until)
    if plan.status is _S.READY and payments:  # its last payment made it so
        since = payments[-1].at + timedelta(seconds=2)
    return Bought(
        id=chance.our_id("ord", placed),
        reference=f"S-{1000000 + nth // 10 * 10_000_000 + customer * 10 + nth % 10}",
        currency=plan.currency,
        status=plan.status,
        placed_at=placed,
        since=since,
        lines=lines,
        shipping=shipping,
        tax=tax,
        discount=discount,
        payments=payments,
        ship_to=ship_to,
        banner=plan.banner,
    )


_TAXED = {product.sku for product in EXTRAS}


def _discount(chance: Chance) -> float:
    return chance.choices((0.0, 0.1, 0.15, 0.2), (80, 10, 5, 5))[0]


def _lines(chance: Chance, plan: OrderPlan, at: datetime) -> tuple[Line, ...]:
    products = [BY_SKU[plan.sku] if plan.sku else chance.choice(TREATMENTS)]
    products += chance.sample(EXTRAS, chance.choices((0, 1, 2), (60, 30, 10))[0])
    return tuple(
        Line(
            id=chance.our_id("lin", at),
            sku=product.sku,
            name=product.name,
            quantity=1 if product.prescription else chance.choice((1, 1, 2)),
            unit_price=product.price(plan.currency),
        )
        for product in products
    )


def _payments(
    number: str, plan: OrderPlan, total: int, placed: datetime, since: datetime, card: Card, until: datetime
) -> tuple[Paid, ...]:
    if not plan.times_paid:
        return ()
    later = share(total, 0.2, plan.currency) if plan.times_paid == 2 else 0
    amounts = [total - later, later] if later else [total]
    found = []
    for nth, amount in enumerate(amounts):
        chance = Chance("payment", f"{number}.{nth}")
        at = placed + chance.part(min(since - placed, timedelta(hours=20)), 0.01, 0.4) * (nth + 1)
        found.append(
            Paid(
                id=chance.our_id("pay", at),
                external_id=chance.stripe_id("pi"),
                charge_id=chance.stripe_id("ch"),
                amount=amount,
                currency=plan.currency,
                at=at,
                card=card.like(plan.method),
                refunds=() if nth else _refunds(f"{number}.{nth}", plan, amount, at, until),
                dispute=None if nth else _dispute(chance, plan.dispute, at, until),
            )
        )
    return tuple(found)


def _dispute(chance: Chance, status: str | None, at: datetime, until: datetime) -> Disputed | None:
    if not status:
        return None
    id, opened = chance.stripe_id("du"), at + chance.part(until - at, 0.3, 0.8)
    won = opened + min(timedelta(days=21), (until - opened) / 2) if status == "won" else None
    return Disputed(id, status, opened, won)


def _refunds(
    number: str, plan: OrderPlan, amount: int, paid: datetime, until: datetime
) -> tuple[GivenBack, ...]:
    found: list[GivenBack] = []
    for nth, planned in enumerate(plan.refunds):
        chance = Chance("refund", f"{number}.{nth}")
        after = found[-1].settled_at if found else paid
        at = after + chance.part(min(until - after, timedelta(days=18)), 0.2, 0.6)
        found.append(_refund(chance, planned, share(amount, planned.part, plan.currency), at, until))
    return tuple(found)


def _refund(chance: Chance, planned: RefundPlan, amount: int, at: datetime, until: datetime) -> GivenBack:
    waited = timedelta(seconds=chance.randint(62, 75))  # the minute in which it can be undone, and the worker
    if planned.status is RefundStatus.FAILED:
        waited = chance.part(min(until - at, timedelta(days=4)), 0.3, 0.9)
    told = planned.status is RefundStatus.SUCCEEDED and until - at > timedelta(days=1)
    return GivenBack(
        id=chance.our_id("rf", at),
        external_id=chance.stripe_id("re"),
        amount=amount,
        reason=planned.reason,
        status=planned.status,
        at=at,
        settled_at=at + waited,
        by=None if planned.reason == ELSEWHERE else chance.choice(_REFUNDERS),
        reference="7" + chance.digits(22) if told else None,
        trace=chance.our_id("trc", at),
    )


def _unclaimed(i: int, at: datetime, card: Card) -> Paid:
    chance = Chance("payment", f"{i}.unclaimed")
    amount = TREATMENTS[0].price("usd")
    return Paid(
        chance.our_id("pay", at), chance.stripe_id("pi"), chance.stripe_id("ch"), amount, "usd", at, card
    )
