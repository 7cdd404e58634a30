"""A mirror of one payment at the processor, and how much of it can still be given back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, column, func, select, table
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ..lib.money import Money
from ..lib.refusal import NotFound
from ._record import Stateful, Status, minor_units, one_of
from .refund import Refund, RefundStatus

UNSPENT = (RefundStatus.FAILED, RefundStatus.WITHDRAWN)  # refunds that take nothing from what is left

_ORDERS = table("orders", column("id"))  # order.py imports this file


class PaymentStatus(Status):
    EXPECTED = "expected", "The shop told us of it; we have not read it from Stripe yet."
    REQUIRES_PAYMENT = "requires_payment", "Stripe waits for a card that works: ask the customer for another."
    REQUIRES_ACTION = "requires_action", "The customer has to confirm it with the bank: tell them so."
    PROCESSING = "processing", "Stripe is collecting it. Wait."
    AUTHORISED = "authorised", "Reserved on the card, not collected. Nothing can be refunded yet."
    SUCCEEDED = "succeeded", "Collected. It can be refunded."
    CANCELED = "canceled", "Called off; no money moved."
    UNKNOWN = "unknown", "Stripe uses a word we do not know. Look at their word, and tell an engineer."


def card_words(brand: str | None, last4: str | None) -> str:
    """A card as people know it: "Visa ending 4242"."""
    return f"{(brand or 'card').title()} ending {last4}" if last4 else "the original payment method"


class Payment(Stateful):
    __tablename__ = "payments"
    __table_args__ = (
        one_of("status", PaymentStatus),
        Index("payments_disputed_idx", "dispute", postgresql_where="dispute is not null"),
        Index("payments_warned_idx", "fraud_warned_at", postgresql_where="fraud_warning is not null"),
        Index("payments_order_idx", "order_id"),
        Index("payments_customer_idx", "customer_id"),
        Index("payments_created_idx", "created_at", "id"),
        Index("payments_amount_idx", "amount", "id"),
        Index("payments_status_created_idx", "status", "created_at", "id"),
        Index("payments_status_amount_idx", "status", "amount", "id"),
        Index("payments_disputed_created_idx", "created_at", "id", postgresql_where="disputed > 0"),
        Index("payments_disputed_amount_idx", "amount", "id", postgresql_where="disputed > 0"),
        Index("payments_card_idx", "card_last4", "created_at", "id"),
        Index("payments_unclaimed_idx", "created_at", postgresql_where="order_id is null"),
    )
    PREFIX, PLURAL = "pay", "payments"
    TOLD = ("status", "amount", "captured", "disputed", "dispute", "fraud_warning", "order_id")
    BELONGS_TO = ("order_id", "customer_id")
    STATUS = PaymentStatus
    # A mirror follows the processor wherever it goes.
    MOVES = {status: set(PaymentStatus) - {status} for status in PaymentStatus}

    order_id: Mapped[str | None] = mapped_column(ForeignKey("orders.id"))
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))
    external_id: Mapped[str] = mapped_column(String(255), unique=True)
    charge_id: Mapped[str | None] = mapped_column(String(255), index=True)
    raw_status: Mapped[str] = mapped_column(String(60), default="")
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int] = minor_units()
    captured: Mapped[int] = minor_units()
    disputed: Mapped[int] = minor_units()
    dispute: Mapped[str | None] = mapped_column(String(20))  # the gravest one's state, in the port's words
    dispute_due_at: Mapped[datetime | None]  # until when the bank takes evidence
    fraud_warning: Mapped[str | None] = mapped_column(String(60))  # the kind, while one can be acted on
    fraud_warned_at: Mapped[datetime | None]  # when the latest warning was fetched
    card_brand: Mapped[str | None] = mapped_column(String(30))
    card_last4: Mapped[str | None] = mapped_column(String(4))
    card_exp: Mapped[str | None] = mapped_column(String(7))
    fetched_at: Mapped[datetime | None]

    @property
    def final(self) -> bool:
        return self.status in (PaymentStatus.SUCCEEDED, PaymentStatus.CANCELED)

    @classmethod
    def lock(cls, id: str) -> Payment:
        """The payment as it is now, locked, and its order before it: money that moves changes how far that is paid."""
        of_payment = select(cls.order_id).where(cls.id == id).scalar_subquery()
        db.session.execute(select(_ORDERS.c.id).where(_ORDERS.c.id == of_payment).with_for_update())
        return super().lock(id)

    @classmethod
    def by_externals(cls, external_ids: Collection[str]) -> list[Payment]:
        """Those that the processor knows by these ids."""
        query = select(cls).where(cls.external_id.in_(external_ids)).order_by(cls.created_at)
        return list(db.session.scalars(query)) if external_ids else []

    @classmethod
    def lock_of(cls, refund_id: str) -> Payment:
        """The payment of a refund, locked like any, or NotFound."""
        if (found := db.session.scalar(select(Refund.payment_id).where(Refund.id == refund_id))) is None:
            raise NotFound(f"There is no refund {refund_id[:60]}.")
        return cls.lock(found)

    @property
    def frozen(self) -> bool:
        """Does the processor refuse every refund of it? While the bank has the money, and for ever once it keeps it.

        An inquiry takes nothing and can be refunded, and so can what was won (docs.stripe.com/disputes).
        """
        return self.dispute in ("open", "lost")

    @property
    def lane(self) -> str:
        """Changes of one payment happen one after the other."""
        return f"stripe:{self.external_id}"

    @property
    def card(self) -> str:
        """Words for what it was paid with."""
        return card_words(self.card_brand, self.card_last4)

    def refunds(self) -> list[Refund]:
        query = select(Refund).where(Refund.payment_id == self.id).order_by(Refund.created_at, Refund.id)
        return list(db.session.scalars(query))

    def remainder(self) -> Remainder:
        """What can be given back, as a sum. Lock the payment first when it decides anything."""
        spent = db.session.scalar(
            select(func.coalesce(func.sum(Refund.amount), 0)).where(
                Refund.payment_id == self.id,
                Refund.status.not_in(UNSPENT),
            )
        )
        return Remainder(self.currency, self.captured, self.disputed, int(spent or 0), self.frozen)


@dataclass(frozen=True)
class Paid:
    """A payment as pages show it: its refunds, oldest first, and what is left, which is the sum of just these."""

    payment: Payment
    refunds: list[Refund]

    @property
    def left(self) -> Remainder:
        spent = sum(refund.amount for refund in self.refunds if refund.status not in UNSPENT)
        paid = self.payment
        return Remainder(paid.currency, paid.captured, paid.disputed, spent, paid.frozen)

    @classmethod
    def of_orders(cls, order_ids: Collection[str]) -> dict[str, list[Paid]]:
        """Each order's payments, oldest first: two statements for all of them."""
        found: dict[str, list[Paid]] = {id: [] for id in order_ids}
        query = (
            select(Payment).where(Payment.order_id.in_(order_ids)).order_by(Payment.created_at, Payment.id)
        )
        by_payment = {payment.id: cls(payment, []) for payment in db.session.scalars(query)}
        for one in by_payment.values():
            found[str(one.payment.order_id)].append(one)
        refunds = (
            select(Refund).where(Refund.payment_id.in_(by_payment)).order_by(Refund.created_at, Refund.id)
        )
        for refund in db.session.scalars(refunds) if by_payment else ():
            by_payment[refund.payment_id].refunds.append(refund)
        return found


@dataclass(frozen=True)
class Remainder:
    """captured - disputed - refunds that are not failed or withdrawn, in minor units, never below zero.

    Nothing of it can be refunded while the payment is `frozen`: that rest is `held`.
    """

    currency: str
    captured: int
    disputed: int
    refunded: int
    frozen: bool = False

    @property
    def rest(self) -> int:
        return max(0, self.captured - self.disputed - self.refunded)

    @property
    def held(self) -> int:
        return self.rest if self.frozen else 0

    @property
    def refundable(self) -> int:
        return self.rest - self.held

    @property
    def money(self) -> Money:
        return Money(self.refundable, self.currency)
