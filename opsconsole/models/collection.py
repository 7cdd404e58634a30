"""Collecting what an order costs from a card that its customer saved: one wish of ours, which becomes a payment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ..lib.money import Money
from ._record import Stateful, Status, minor_units, one_of
from .payment import card_words


class CollectionStatus(Status):
    PLANNED = "planned", "Written down here; Stripe has not been asked yet. It can be undone."
    SUBMITTED = "submitted", "Stripe was asked and has not answered. Nothing else is charged until we know."
    PROCESSING = "processing", "Stripe is collecting it. Wait."
    REQUIRES_ACTION = (
        "requires_action",
        "The customer has to confirm it with the bank: send them to the shop to do so.",
    )
    SUCCEEDED = "succeeded", "The money was collected."
    FAILED = "failed", "The card was not charged. Its case says why and what to do."
    WITHDRAWN = "withdrawn", "Undone before Stripe was asked."


_S = CollectionStatus
_TOLD_BY_PROCESSOR = {_S.PROCESSING, _S.REQUIRES_ACTION, _S.SUCCEEDED, _S.FAILED}
UNDER_WAY = (_S.PLANNED, _S.SUBMITTED, _S.PROCESSING, _S.REQUIRES_ACTION)


class Collection(Stateful):
    """`payment_method_id` is the processor's id of the card, `external_id` that of the payment it became."""

    __tablename__ = "collections"
    __table_args__ = (
        one_of("status", CollectionStatus),
        CheckConstraint("amount > 0", name="amount"),
        Index("collections_order_idx", "order_id", "created_at"),
        Index("collections_customer_idx", "customer_id", "created_at"),
        # Never two at once: whatever the code does, the database refuses it.
        Index(
            "collections_under_way_key",
            "order_id",
            unique=True,
            postgresql_where="status in ('planned', 'submitted', 'processing', 'requires_action')",
        ),
    )
    PREFIX, PLURAL = "col", "collections"
    TOLD = ("status", "amount", "failure_reason")
    BELONGS_TO = ("order_id", "customer_id")
    STATUS = CollectionStatus
    MOVES = {
        _S.PLANNED: {_S.SUBMITTED, _S.WITHDRAWN} | _TOLD_BY_PROCESSOR,
        _S.SUBMITTED: {_S.PLANNED} | _TOLD_BY_PROCESSOR,
        _S.PROCESSING: _TOLD_BY_PROCESSOR - {_S.PROCESSING},
        _S.REQUIRES_ACTION: _TOLD_BY_PROCESSOR - {_S.REQUIRES_ACTION},
        # Another try of a person's; or the customer paid the same payment by other means.
        _S.FAILED: {_S.PLANNED, _S.PROCESSING, _S.REQUIRES_ACTION, _S.SUCCEEDED},
        _S.SUCCEEDED: set(),
        _S.WITHDRAWN: set(),
    }

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int] = minor_units()
    payment_method_id: Mapped[str] = mapped_column(String(255))
    card_brand: Mapped[str | None] = mapped_column(String(30))
    card_last4: Mapped[str | None] = mapped_column(String(4))
    external_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    failure_reason: Mapped[str | None] = mapped_column(String(500))
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str] = mapped_column(String(40))
    trace_id: Mapped[str] = mapped_column(String(40))
    fetched_at: Mapped[datetime | None]

    @classmethod
    def noun(cls) -> str:
        """What people call it."""
        return "charge"

    @property
    def final(self) -> bool:
        return self.status in (_S.SUCCEEDED, _S.FAILED, _S.WITHDRAWN)

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def card(self) -> str:
        """Words for the card that is charged."""
        return card_words(self.card_brand, self.card_last4)

    @classmethod
    def of_order(cls, order_id: str) -> list[Collection]:
        """All of an order, oldest first."""
        query = select(cls).where(cls.order_id == order_id).order_by(cls.created_at, cls.id)
        return list(db.session.scalars(query))

    @classmethod
    def under_way(cls, order_id: str) -> Collection | None:
        """The one that may still take the money, of which an order has one at most."""
        return db.session.scalar(select(cls).where(cls.order_id == order_id, cls.status.in_(UNDER_WAY)))
