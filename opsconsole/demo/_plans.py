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
class OrderPlan:
    """An order placed `age` ago. Refunds and a dispute are of its first payment.

    `method` is one of Stripe's test payment methods, `dispute` one of its statuses of disputes.
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

    @property
    def times_paid(self) -> int:
        return 0 if self.free or self.status in UNPAID else self.payments


@dataclass(frozen=True)
class CustomerPlan:
    """`unclaimed` is how long ago they made a payment that belongs to no order."""

    orders: tuple[OrderPlan, ...] = ()
    name: str | None = None
    reachable: bool = True
    unclaimed: timedelta | None = None
    banner: BannerPlan | None = None
