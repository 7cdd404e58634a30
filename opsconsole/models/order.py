"""What was bought. Order, payment and fulfilment are three axes; `status` is the order's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column

from ..db import db
from ..lib.money import Money
from ..lib.refusal import NotFound
from ._classes import CONTACTS, PRODUCTS, phi, pii, public
from ._record import Record, Stateful, Status, minor_units, one_of, possible, search_index, searched
from .customer import Customer
from .payment import Paid, Payment
from .product import Product
from .ship_to import ShipTo, told_apart


class OrderStatus(Status):
    DRAFT = "draft", "The customer has not finished checking out. Nothing to do."
    AWAITING_VISIT = "awaiting_visit", "The customer has yet to answer the questionnaire: the ball is theirs."
    IN_REVIEW = "in_review", "A clinician is reviewing the answers. Wait for their decision."
    AWAITING_RX = "awaiting_rx", "Approved; the prescription is not signed yet. The clinician is next."
    AWAITING_PAYMENT = (
        "awaiting_payment",
        "Everything is there but the money. The customer may need another card.",
    )
    READY = "ready", "Paid and prescribed: it goes to the pharmacy next."
    SUBMITTED = "submitted", "Sent to the pharmacy; it has not confirmed yet."
    AT_PHARMACY = "at_pharmacy", "The pharmacy is preparing it. Stopping it now means asking them."
    SHIPPED = "shipped", "On its way to the customer. Questions go to the carrier."
    DELIVERED = "delivered", "The carrier says it arrived. It can still be refunded."
    CLOSED = "closed", "Delivered thirty days ago and nobody complained."
    ON_HOLD = "on_hold", "Somebody holds it before it ships; see why on its timeline."
    MANUAL_INTERVENTION = (
        "manual_intervention",
        "It cannot go on by itself: its case says why and what to do.",
    )
    CANCELED = "canceled", "Called off before it shipped."
    RETURNED = "returned", "The parcel came back. Ask the customer before sending it again."
    REJECTED = "rejected", "A clinician declined to prescribe. Refund what was paid."


class OrderKind(StrEnum):
    """Why there is an order; only the first three and a reorder are sales."""

    FIRST_ORDER = "first_order"
    SUBSCRIPTION_CYCLE = "subscription_cycle"
    ONE_OFF = "one_off"
    REORDER = "reorder"  # the same again, at today's price
    REPLACEMENT = "replacement"  # the same again for nothing: what was sent did not arrive as it should have
    PROMOTIONAL = "promotional"
    SAMPLE = "sample"


class OrderPaymentStatus(Status):
    """The payment axis. The database derives it from the order's payments and refunds, see migration 0005."""

    UNPAID = "unpaid", "No money was collected for it."
    PARTIALLY_PAID = "partially_paid", "Less than its total was collected."
    PAID = "paid", "All of its total was collected, or there was nothing to pay."
    PARTIALLY_REFUNDED = "partially_refunded", "A part of the money went back to the customer."
    REFUNDED = "refunded", "All the money went back to the customer."
    DISPUTED = "disputed", "The customer's bank holds or took back some of the money."


class AddressVerdict(Status):
    """What became of checking where an order ships."""

    UNCHECKED = "unchecked", "Nobody checked this address yet."
    VERIFIED = "verified", "Mail reaches this address as it is written."
    CORRECTED = "corrected", "Mail reaches this address; the post writes it in another way."
    UNVERIFIABLE = "unverifiable", "Nobody finds this address. Ask the customer, then change it or accept it."
    OVERRIDDEN = "overridden", "Somebody accepted this address though it was not verified."

    @property
    def vouched_for(self) -> bool:
        """Did the vendor find it, or has somebody accepted it?"""
        return self in (AddressVerdict.VERIFIED, AddressVerdict.CORRECTED, AddressVerdict.OVERRIDDEN)


class FulfilmentStatus(Status):
    """The fulfilment axis: where the goods are, as far as the order's own status tells."""

    UNFULFILLED = "unfulfilled", "The pharmacy was not asked yet."
    SUBMITTED = "submitted", "The pharmacy was asked; it has not confirmed yet."
    AT_PHARMACY = "at_pharmacy", "The pharmacy is preparing it."
    SHIPPED = "shipped", "On its way to the customer."
    DELIVERED = "delivered", "The carrier says it arrived."
    RETURNED = "returned", "The parcel came back."
    ON_HOLD = "on_hold", "Nothing is sent while somebody holds it."
    EXCEPTION = "exception", "It cannot go on by itself; its case says how far it came."
    CANCELED = "canceled", "Nothing will be sent."


_S = OrderStatus
_F = FulfilmentStatus
_FULFILMENT = {
    _S.SUBMITTED: _F.SUBMITTED, _S.AT_PHARMACY: _F.AT_PHARMACY, _S.SHIPPED: _F.SHIPPED, _S.DELIVERED: _F.DELIVERED,
    _S.CLOSED: _F.DELIVERED, _S.RETURNED: _F.RETURNED, _S.ON_HOLD: _F.ON_HOLD, _S.MANUAL_INTERVENTION: _F.EXCEPTION,
    _S.CANCELED: _F.CANCELED, _S.REJECTED: _F.CANCELED,
}  # fmt: skip


def fulfilment_of(status: OrderStatus) -> FulfilmentStatus:
    """Where the goods of an order with that status are."""
    return _FULFILMENT.get(status, _F.UNFULFILLED)


# What has not left yet: all that is neither on its way, nor there, nor over.
UNSHIPPED = tuple(
    status
    for status in OrderStatus
    if fulfilment_of(status) not in (_F.SHIPPED, _F.DELIVERED, _F.RETURNED, _F.CANCELED)
)

_PRE_SHIP = {
    _S.AWAITING_VISIT, _S.IN_REVIEW, _S.AWAITING_RX, _S.AWAITING_PAYMENT, _S.READY, _S.SUBMITTED, _S.AT_PHARMACY,
}  # fmt: skip
_SIDE = {_S.ON_HOLD, _S.MANUAL_INTERVENTION, _S.CANCELED}
_FORWARD = {
    _S.DRAFT: {_S.AWAITING_VISIT, _S.AWAITING_PAYMENT},
    _S.AWAITING_VISIT: {_S.IN_REVIEW},
    _S.IN_REVIEW: {_S.AWAITING_RX, _S.REJECTED},
    _S.AWAITING_RX: {_S.AWAITING_PAYMENT, _S.IN_REVIEW},  # back within the undo of the decision
    _S.AWAITING_PAYMENT: {_S.READY},
    _S.READY: {_S.SUBMITTED, _S.AWAITING_PAYMENT},  # back again when an edit makes it cost more
    _S.SUBMITTED: {_S.AT_PHARMACY},
    _S.AT_PHARMACY: {_S.SHIPPED},
}


def _listed(statuses: type[Status]) -> str:
    return ", ".join(f"'{status.value}'" for status in statuses)


Follows = Callable[["Order"], None]
FOLLOWERS: list[Follows] = []  # what goes with an order when it moves, see services/orders/_moved.py


class Order(Stateful):
    """`payment_status` is the database's: its triggers keep it true in the transaction that moves money.

    `parent_order_id` is the order that this one reorders or replaces. `pharmacy_id` is where somebody wants it filled,
    whatever the rules say, and `pharmacy_why` who and why; None while the rules decide.
    """

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
        CheckConstraint(
            f"payment_status = any (array[{_listed(OrderPaymentStatus)}])", name="payment_status"
        ),
        Index("orders_total_idx", "total", "id"),
        Index("orders_status_total_idx", "status", "total", "id"),
        Index("orders_payment_status_placed_idx", "payment_status", "placed_at", "id"),
        Index("orders_payment_status_total_idx", "payment_status", "total", "id"),
        one_of("kind", OrderKind),
        one_of("address_verdict", AddressVerdict),
        Index("orders_parent_idx", "parent_order_id", postgresql_where="parent_order_id is not null"),
        search_index("orders"),
    )
    PREFIX, PLURAL = "ord", "orders"
    TOLD = (
        "reference",
        "status",
        "subtotal",
        "shipping",
        "tax",
        "discount",
        "total",
        "ship_to",
        "address_verdict",
        "kind",
        "parent_order_id",
        "pharmacy_id",
    )
    BELONGS_TO = ("customer_id", "parent_order_id")
    STATUS = OrderStatus
    MOVES = {
        **{status: targets | (_SIDE if status in _PRE_SHIP else {_S.CANCELED}) for status, targets in _FORWARD.items()},
        _S.SHIPPED: {_S.DELIVERED, _S.RETURNED, _S.MANUAL_INTERVENTION},
        _S.DELIVERED: {_S.CLOSED, _S.RETURNED},
        _S.ON_HOLD: _PRE_SHIP | {_S.CANCELED},
        _S.MANUAL_INTERVENTION: _PRE_SHIP | {_S.SHIPPED, _S.CANCELED},
        # Back only within the undo of what canceled it.
        _S.CANCELED: {_S.AWAITING_VISIT, _S.IN_REVIEW, _S.AWAITING_RX, _S.AWAITING_PAYMENT, _S.READY},
        _S.CLOSED: set(), _S.RETURNED: set(),
        _S.REJECTED: {_S.IN_REVIEW},  # back within the undo of the decision
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
    kind: Mapped[str] = mapped_column(String(24), server_default=OrderKind.ONE_OFF)
    parent_order_id: Mapped[str | None] = mapped_column(ForeignKey("orders.id"))
    pharmacy_id: Mapped[str | None] = mapped_column(ForeignKey("pharmacies.id"))
    pharmacy_why: Mapped[str | None] = public(String(300))
    payment_status: Mapped[str] = mapped_column(String(24), server_default="unpaid")
    ship_to: Mapped[dict[str, Any] | None] = pii(JSONB(none_as_null=True), shown_by=CONTACTS)  # ShipTo
    address_verdict: Mapped[str] = public(String(16), server_default=AddressVerdict.UNCHECKED)
    # How the post writes it, where that differs or was asked: PostalAddress
    address_found: Mapped[dict[str, Any] | None] = pii(JSONB(none_as_null=True), shown_by=CONTACTS)
    address_says: Mapped[str | None] = pii(
        String(500), shown_by=CONTACTS
    )  # the checker's words, or why it is accepted
    address_by: Mapped[str | None] = public(String(120))  # who checked it, or accepted it as it is
    address_at: Mapped[datetime | None]
    search: Mapped[str] = searched("lower(reference)")

    def move_to(self, status: Status) -> bool:
        moved = super().move_to(status)
        for follow in FOLLOWERS if moved else ():
            follow(self)
        return moved

    @property
    def final(self) -> bool:
        return self.status in (_S.CLOSED, _S.CANCELED, _S.RETURNED, _S.REJECTED)

    @classmethod
    def with_customer(cls, id: str) -> tuple[Order, Customer]:
        """Both in one statement, or NotFound."""
        query = select(cls, Customer).join(Customer, Customer.id == cls.customer_id).where(cls.id == id)
        found = db.session.execute(query).first() if possible(id) else None
        if found is None:
            raise NotFound(f"There is no order {id[:60]}.")
        return found._tuple()

    @property
    def customer(self) -> Customer:
        return Customer.require(self.customer_id)

    @property
    def payment(self) -> OrderPaymentStatus:
        """The payment axis, with its help."""
        return OrderPaymentStatus(self.payment_status)

    @property
    def fulfilment(self) -> FulfilmentStatus:
        """The fulfilment axis, with its help."""
        return fulfilment_of(OrderStatus(self.status))

    @property
    def total_money(self) -> Money:
        return Money(self.total, self.currency)

    @property
    def address(self) -> AddressVerdict:
        """How the check of its address came out, with its help."""
        return AddressVerdict(self.address_verdict)

    @property
    def ships_to(self) -> ShipTo | None:
        """None when the shop did not tell."""
        return ShipTo.read(self.ship_to)

    @property
    def as_posted(self) -> ShipTo | None:
        """The same address as the post writes it, where that differs."""
        if self.address_verdict != AddressVerdict.CORRECTED or not (self.ship_to and self.address_found):
            return None
        return ShipTo(**{**self.ship_to, **self.address_found})

    def apart(self, field: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
        """Of an address that changes, the parts that differ are told."""
        yield from told_apart(before, after) if field == "ship_to" else super().apart(field, before, after)

    def children(self) -> list[Order]:
        """The orders that reorder or replace this one, oldest first."""
        query = select(Order).where(Order.parent_order_id == self.id)
        return list(db.session.scalars(query.order_by(Order.created_at, Order.id)))

    def lines(self) -> list[OrderLine]:
        """What it consists of now: without what was dropped from it."""
        query = select(OrderLine).where(OrderLine.order_id == self.id, OrderLine.dropped_at.is_(None))
        return list(db.session.scalars(query.order_by(OrderLine.position)))

    def paid(self) -> list[Paid]:
        """The order's payments, oldest first, each with its refunds and what is left: two statements."""
        return Paid.of_orders([self.id])[self.id]

    def is_paid(self) -> bool:
        """Was all of its total collected, or is there nothing to pay?"""
        return sum(paid.captured for paid in self.payments() if paid.currency == self.currency) >= self.total

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
        query = select(OrderLine).where(OrderLine.order_id.in_(ids), OrderLine.dropped_at.is_(None))
        for line in db.session.scalars(query.order_by(OrderLine.position)):
            lines[line.order_id].append(line)
        return cls(lines, Paid.of_orders(ids))


class OrderLine(Record):
    """One product of an order. `amount` is what the line costs: quantity x unit price, before discount and tax. `version`
    counts its edits from 1: who edits it says which one they saw. What was dropped stays, for those who look back."""

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
    name: Mapped[str] = phi(String(200), shown_by=PRODUCTS)
    # The product of that sku, when it is registered: read with the line, without a key that would refuse others.
    product_id: Mapped[str | None] = column_property(
        select(Product.id).where(Product.sku == sku).correlate_except(Product).scalar_subquery()
    )
    quantity: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    unit_price: Mapped[int] = minor_units()
    amount: Mapped[int] = minor_units()
    version: Mapped[int] = mapped_column(server_default="1", default=1)
    dropped_at: Mapped[datetime | None]

    @property
    def label(self) -> str:
        """What everybody may call it: its name may tell of somebody's health."""
        return f"line {self.position}, {self.sku}"
