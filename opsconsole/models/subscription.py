"""What a customer has agreed to pay for again and again: the processor's subscriptions, mirrored and never edited."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ..lib.money import Money
from ._classes import public
from ._record import Record, Stateful, Status, minor_units, one_of
from .price import cadence_words


class SubscriptionStatus(Status):
    """The processor's own words: https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses"""

    INCOMPLETE = "incomplete", "Its first invoice was not paid. It expires after 23 hours."
    INCOMPLETE_EXPIRED = "incomplete_expired", "Its first invoice was never paid: it never began."
    TRIALING = "trialing", "Nothing is charged before its trial, or the day it was moved to, ends."
    ACTIVE = "active", "It renews by itself."
    PAST_DUE = "past_due", "A renewal was not paid. Stripe may still try the card."
    UNPAID = "unpaid", "A renewal was not paid and Stripe has stopped trying."
    PAUSED = "paused", "It stands still: no periods, no invoices."
    CANCELED = "canceled", "It has ended for good. A new one can take its place."
    UNKNOWN = "unknown", "Stripe uses a word we do not know. A case says which."


class Effective(Status):
    """How it stands in effect: one word from everything that Stripe holds of it, and from its prescription."""

    TRIAL = "trial", "It began without a charge. The first one follows when the trial ends."
    ACTIVE = "active", "It renews, is charged and ships by itself."
    BLOCKED = (
        "blocked",
        "It would be charged for what no prescription covers. Renew the prescription, or move the charge.",
    )
    PAUSED = "paused", "It stands still: nothing is charged, nothing ships, and no time runs."
    COLLECTION_PAUSED = (
        "collection_paused",
        "Its periods go on and nothing is collected, though Stripe calls it active.",
    )
    PAST_DUE = "past_due", "A renewal was not paid. Nothing ships until it is."
    UNPAID = "unpaid", "A renewal was not paid and nobody tries any more."
    CANCELING = "canceling", "It renews no more and ends on a day that is known. Until then it can be kept."
    CANCELED = "canceled", "It has ended for good. A new one can take its place."
    INCOMPLETE = "incomplete", "Its first invoice is not paid: it has not begun."
    UNKNOWN = "unknown", "Stripe uses a word we do not know. A case says which."


_S = SubscriptionStatus
LIVE = (_S.TRIALING, _S.ACTIVE, _S.PAST_DUE, _S.UNPAID, _S.PAUSED)  # it may charge again


class Subscription(Stateful):
    """`status` is Stripe's, `effective` what it comes to with all else (Effective). `pause_behavior` and `pauses_until`
    are of paused collection. `anchor_at` is what its periods are counted from; `next_charge_at` is None while none is to
    come. `schedule_id` names what changes it by itself at Stripe."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        one_of("status", SubscriptionStatus),
        one_of("effective", Effective),
        Index("subscriptions_created_idx", "created_at", "id"),
        Index("subscriptions_effective_idx", "effective", "created_at", "id"),
        Index("subscriptions_replaces_idx", "replaces_id", postgresql_where="replaces_id is not null"),
        Index("subscriptions_customer_idx", "customer_id", "created_at"),
        Index(
            "subscriptions_charge_idx", "next_charge_at", "id", postgresql_where="next_charge_at is not null"
        ),
    )
    PREFIX, PLURAL = "sbs", "subscriptions"
    TOLD = (
        "status", "effective", "pause_behavior", "pauses_until", "next_charge_at", "cancel_at", "canceled_at", "trial_end",
    )  # fmt: skip
    BELONGS_TO = ("customer_id",)
    STATUS = SubscriptionStatus
    MOVES = {status: set(_S) - {status} for status in _S}  # a mirror goes where Stripe says

    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))
    external_id: Mapped[str] = mapped_column(String(255), unique=True)
    external_customer: Mapped[str] = public(String(255))
    raw_status: Mapped[str] = mapped_column(String(60), default="")
    effective: Mapped[str] = public(String(24), default=Effective.UNKNOWN.value)
    currency: Mapped[str] = mapped_column(String(3))
    started_at: Mapped[datetime]
    anchor_at: Mapped[datetime]
    period_start: Mapped[datetime | None]
    period_end: Mapped[datetime | None]
    next_charge_at: Mapped[datetime | None]
    pause_behavior: Mapped[str | None] = public(String(24))
    pauses_until: Mapped[datetime | None]
    trial_start: Mapped[datetime | None]
    trial_end: Mapped[datetime | None]
    cancel_at: Mapped[datetime | None]
    cancel_at_period_end: Mapped[bool] = mapped_column(default=False)
    canceled_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None] = public(String(60))
    cancel_feedback: Mapped[str | None] = public(String(60))
    flexible: Mapped[bool] = mapped_column(default=False)
    collects_by_itself: Mapped[bool] = mapped_column(default=True)
    schedule_id: Mapped[str | None] = mapped_column(String(255))
    pending_update: Mapped[bool] = mapped_column(default=False)
    latest_invoice_id: Mapped[str | None] = mapped_column(String(255))  # Stripe's
    replaces_id: Mapped[str | None] = mapped_column(ForeignKey("subscriptions.id"))
    fetched_at: Mapped[datetime]

    @property
    def stands(self) -> Effective:
        """How it stands in effect."""
        return Effective(self.effective)

    @property
    def final(self) -> bool:
        return self.status in (_S.CANCELED, _S.INCOMPLETE_EXPIRED)

    @property
    def live(self) -> bool:
        """Whether it may charge again."""
        return self.status in LIVE

    @property
    def lane(self) -> str:
        return f"stripe:{self.external_id}"

    @classmethod
    def by_external(cls, external_id: str) -> Subscription | None:
        return db.session.scalar(select(cls).where(cls.external_id == external_id))

    @classmethod
    def of_customer(cls, customer_id: str) -> list[Subscription]:
        """A customer's, the newest first."""
        query = (
            select(cls).where(cls.customer_id == customer_id).order_by(cls.created_at.desc(), cls.id.desc())
        )
        return list(db.session.scalars(query))

    @classmethod
    def replacing(cls, id: str) -> Subscription | None:
        """The one that was taken up in place of a canceled one."""
        return db.session.scalar(
            select(cls).where(cls.replaces_id == id).order_by(cls.created_at.desc()).limit(1)
        )

    def items(self) -> list[SubscriptionItem]:
        return SubscriptionItem.of([self.id])[self.id]


class SubscriptionItem(Record):
    """One thing of a subscription. `product_id` is None for a price that our registry does not know; `amount` is of one."""

    __tablename__ = "subscription_items"
    __table_args__ = (
        Index("subscription_items_subscription_idx", "subscription_id"),
        Index("subscription_items_product_idx", "product_id"),
        Index("subscription_items_unknown_idx", "price_key", postgresql_where="product_id is null"),
    )
    PREFIX, PLURAL = "sbi", "subscription-items"
    TOLD = ("price_key", "quantity")
    BELONGS_TO = ("subscription_id",)

    subscription_id: Mapped[str] = mapped_column(ForeignKey("subscriptions.id", ondelete="CASCADE"))
    external_id: Mapped[str] = mapped_column(String(255), unique=True)
    price_key: Mapped[str] = public(String(255))  # Stripe's id of the price
    product_id: Mapped[str | None] = mapped_column(ForeignKey("products.id"))
    quantity: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int | None] = minor_units()
    interval: Mapped[str | None] = public(String(10))
    interval_count: Mapped[int | None]
    period_start: Mapped[datetime]
    period_end: Mapped[datetime]

    @property
    def total(self) -> Money | None:
        """What all of them cost each time, before tax."""
        return None if self.amount is None else Money(self.amount * self.quantity, self.currency)

    @property
    def cadence(self) -> str:
        return cadence_words(self.interval, self.interval_count)

    @classmethod
    def of(cls, subscription_ids: Collection[str]) -> dict[str, list[Any]]:
        """The items of several subscriptions, by subscription: one statement."""
        found: dict[str, list[Any]] = {id: [] for id in subscription_ids}
        if found:
            query = (
                select(cls).where(cls.subscription_id.in_(found)).order_by(cls.created_at, cls.external_id)
            )
            for item in db.session.scalars(query):
                found[item.subscription_id].append(item)
        return found
