"""What shall have become of a customer and their orders, before names, prices and ids are made up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ..models import OrderStatus, RefundStatus

UNPAID = {
    OrderStatus.DRAFT, OrderStatus.AWAITING_VISIT, OrderStatus.IN_REVIEW, OrderStatus.AWAITING_RX,
    OrderStatus.AWAITING_PAYMENT, OrderStatus.REJECTED,
}  # fmt: skip

ELSEWHERE = "made_elsewhere"  # the reason that a refund gets which somebody made at Stripe


@dataclass(frozen=True)
class RefundPlan:
    """`part` is the share of the payment that goes back."""

    part: float
    reason: str
    status: RefundStatus = RefundStatus.SUCCEEDED


@dataclass(frozen=True)
class BannerPlan:
    """One that a person raised, on an order or on a customer."""

    kind: str
    reason: str
    by: str = "Sam Rivera"


@dataclass(frozen=True)
class HomePlan:
    """`kind` is house, po_box, armed_forces or puerto_rico. All with the same `shared` live in one house; `flat` is
    the second line. Who has `moved` sent their older orders to another state."""

    kind: str = "house"
    shared: str | None = None
    flat: str = ""
    zip4: bool = False
    moved: bool = False


@dataclass(frozen=True)
class Drift:
    """What the others hold differently from us, as happens when one of three systems is corrected."""

    stripe_email: bool = False
    crm_email: bool = False
    crm_phone: bool = False
    crm_absent: bool = False


@dataclass(frozen=True)
class OrderPlan:
    """An order placed `age` ago. Refunds and a dispute are of its first payment.

    `method` is one of Stripe's test payment methods, `dispute` one of its statuses of disputes, `sku` the first
    product, `took` how long it was on its way to where it ended.
    """

    age: timedelta
    status: OrderStatus
    payments: int = 1
    free: bool = False
    currency: str = "usd"
    method: str | None = None
    refunds: tuple[RefundPlan, ...] = ()
    dispute: str | None = None
    banner: BannerPlan | None = None
    sku: str | None = None
    took: timedelta | None = None

    @property
    def times_paid(self) -> int:
        return 0 if self.free or self.status in UNPAID else self.payments


@dataclass(frozen=True)
class CustomerPlan:
    """`unclaimed` is how long ago they made a payment that belongs to no order. `former_email`: they have had
    another address. `heard_twice`: Stripe told of each of their refunds by two events. `shows` says what they are
    planted for."""

    orders: tuple[OrderPlan, ...] = ()
    name: str | None = None
    reachable: bool = True
    unclaimed: timedelta | None = None
    banner: BannerPlan | None = None
    home: HomePlan = HomePlan()
    drift: Drift = Drift()
    former_email: bool = False
    heard_twice: bool = False
    shows: str = ""
