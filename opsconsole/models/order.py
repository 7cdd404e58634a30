"""What was bought. Order, payment and fulfilment are three axes; this status is the order's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ..lib.money import Money
from ._record import Record, Stateful, Status, minor_units, one_of, search_index, searched
from .customer import Customer
from .payment import Paid, Payment
from .ship_to import ShipTo


class OrderStatus(Status):
    DRAFT = "draft", "The customer has not finished checking out."
    AWAITING_VISIT = "awaiting_visit", "The customer has yet to answer the questionnaire."
    IN_REVIEW = "in_review", "A clinician is reviewing the answers."
    AWAITING_RX = "awaiting_rx", "Approved; the prescription is not signed yet."
    AWAITING_PAYMENT = "awaiting_payment", "Everything is there but the money."
    READY = "ready", "Paid and prescribed: it can go to the pharmacy."
    SUBMITTED = "submitted", "Sent to the pharmacy; it has not confirmed yet."
    AT_PHARMACY = "at_pharmacy", "The pharmacy is preparing it."
    SHIPPED = "shipped", "On its way to the customer."
    DELIVERED = "delivered", "The carrier says it arrived."
    CLOSED = "closed", "Delivered thirty days ago and nobody complained."
    ON_HOLD = "on_hold", "Somebody holds it before it ships; see why on its timeline."
    MANUAL_INTERVENTION = "manual_intervention", "It cannot go on by itself: a case says why."
    CANCELED = "canceled", "Called off before it shipped."
    RETURNED = "returned", "The parcel came back."
    REJECTED = "rejected", "A clinician declined to prescribe."


_S = OrderStatus
_PRE_SHIP = {
    _S.AWAITING_VISIT, _S.IN_REVIEW, _S.AWAITING_RX, _S.AWAITING_PAYMENT, _S.READY, _S.SUBMITTED, _S.AT_PHARMACY,
}  # fmt: skip
_SIDE = {_S.ON_HOLD, _S.MANUAL_INTERVENTION, _S.CANCELED}
_FORWARD = {
    _S.DRAFT: {_S.AWAITING_VISIT, _S.AWAITING_PAYMENT},
    _S.AWAITING_VISIT: {_S.IN_REVIEW},
    _S.IN_REVIEW: {_S.AWAITING_RX, _S.REJECTED},
    _S.AWAITING_RX: {_S.AWAITING_PAYMENT},
    _S.AWAITING_PAYMENT: {_S.READY},
    _S.READY: {_S.SUBMITTED},
    _S.SUBMITTED: {_S.AT_PHARMACY},
    _S.AT_PHARMACY: {_S.SHIPPED},
}


class Order(Stateful):
    __tablename__ = "orders"
    __table_args__ = (
        one_of("status", OrderStatus),
        CheckConstraint(
            "total >= 0 and subtotal >= 0 and shipping >= 0 and tax >= 0 and discount >= 0", name="amounts"
        ),
        CheckConstraint("total = subtotal + shipping + tax - discount", name="total"),
        Index("orders_placed_idx", "placed_at", "id"),
        Index("orders_status_placed_idx", "status", "placed_at", "id"),
        Index("orders_customer_idx", "customer_id", "placed_at"),
        search_index("orders"),
    )
    PREFIX, PLURAL = "ord", "orders"
    TOLD = ("reference", "status", "subtotal", "shipping", "tax", "discount", "total")
    BELONGS_TO = ("customer_id",)
    STATUS = OrderStatus
    MOVES = {
        **{status: targets | (_SIDE if status in _PRE_SHIP else {_S.CANCELED}) for status, targets in _FORWARD.items()},
        _S.SHIPPED: {_S.DELIVERED, _S.RETURNED, _S.MANUAL_INTERVENTION},
        _S.DELIVERED: {_S.CLOSED, _S.RETURNED},
        _S.ON_HOLD: _PRE_SHIP | {_S.CANCELED},
        _S.MANUAL_INTERVENTION: _PRE_SHIP | {_S.SHIPPED, _S.CANCELED},
        _S.CLOSED: set(), _S.CANCELED: set(), _S.RETURNED: set(), _S.REJECTED: set(),
    }  # fmt: skip

    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    reference: Mapped[str] = mapped_column(
        String(100), unique=True
    )  # the number the shop and the customer know
    currency: Mapped[str] = mapped_column(String(3))
    subtotal: Mapped[int] = minor_units()
    shipping: Mapped[int] = minor_units()
    tax: Mapped[int] = minor_units()
    discount: Mapped[int] = minor_units()
    total: Mapped[int] = minor_units()
    placed_at: Mapped[datetime]
    ship_to: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))  # ShipTo; never changes
    search: Mapped[str] = searched("lower(reference)")

    @property
    def customer(self) -> Customer:
        return Customer.require(self.customer_id)

    @property
    def total_money(self) -> Money:
        return Money(self.total, self.currency)

    @property
    def ships_to(self) -> ShipTo | None:
        """None when the shop did not tell."""
        return ShipTo.read(self.ship_to)

    def lines(self) -> list[OrderLine]:
        query = select(OrderLine).where(OrderLine.order_id == self.id).order_by(OrderLine.position)
        return list(db.session.scalars(query))

    def paid(self) -> list[Paid]:
        """The order's payments, oldest first, each with its refunds and what is left: two statements."""
        return Paid.of_orders([self.id])[self.id]

    def payments(self) -> list[Payment]:
        """The order's payments, oldest first."""
        query = select(Payment).where(Payment.order_id == self.id).order_by(Payment.created_at, Payment.id)
        return list(db.session.scalars(query))


@dataclass(frozen=True)
class Bought:
    """Many orders' lines and payments, with what is left of each payment: three statements for all of them."""

    lines: dict[str, list[OrderLine]]
    payments: dict[str, list[Paid]]

    @classmethod
    def of(cls, orders: Iterable[Order]) -> Bought:
        ids = [order.id for order in orders]
        lines: dict[str, list[OrderLine]] = {id: [] for id in ids}
        query = select(OrderLine).where(OrderLine.order_id.in_(ids)).order_by(OrderLine.position)
        for line in db.session.scalars(query):
            lines[line.order_id].append(line)
        return cls(lines, Paid.of_orders(ids))


class OrderLine(Record):
    """One product of an order. `amount` is what the line costs: quantity x unit price, before discount and tax."""

    __tablename__ = "order_lines"
    __table_args__ = (
        CheckConstraint(
            "quantity > 0 and unit_price >= 0 and amount = quantity * unit_price", name="amounts"
        ),
        Index("order_lines_order_idx", "order_id", "position"),
    )
    PREFIX, PLURAL = "lin", "order-lines"
    TOLD = ("name", "sku", "quantity", "amount")
    BELONGS_TO = ("order_id",)

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]
    sku: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    unit_price: Mapped[int] = minor_units()
    amount: Mapped[int] = minor_units()
