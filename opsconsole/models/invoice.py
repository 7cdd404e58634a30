"""What a customer is asked to pay: the processor's invoices, mirrored and never edited."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ..lib.money import Money
from ._classes import public
from ._record import Stateful, Status, minor_units, one_of


class InvoiceStatus(Status):
    """The processor's own words: https://docs.stripe.com/invoicing/overview#invoice-statuses"""

    DRAFT = "draft", "Nothing was asked of the customer yet: it can be changed and held."
    OPEN = "open", "The customer owes it. Its amounts are fixed."
    PAID = "paid", "It is paid, or nothing was due."
    VOID = "void", "It was called off and asks for nothing."
    UNCOLLECTIBLE = "uncollectible", "Nobody expects it to be paid any more."
    DELETED = "deleted", "It was a draft and was thrown away."
    UNKNOWN = "unknown", "Stripe uses a word we do not know. A case says which."


_S = InvoiceStatus


class Invoice(Stateful):
    """`lines` are {"id", "amount", "description", "quantity", "price", "item", "subscription_item", "proration",
    "period_start", "period_end", "change"}, amounts in minor units; `change` is ours by which a line was added.
    `finalizes_at` is when a draft goes out by itself, `next_try_at` when the card is tried again. `payments` are Stripe's
    ids of what was paid for it. `replaces_id` is the invoice that was voided for this one."""

    __tablename__ = "invoices"
    __table_args__ = (
        one_of("status", InvoiceStatus),
        Index("invoices_created_idx", "created_at", "id"),
        Index("invoices_status_idx", "status", "created_at", "id"),
        Index("invoices_customer_idx", "customer_id", "created_at"),
        Index("invoices_subscription_idx", "subscription_id", "created_at"),
        Index("invoices_replaces_idx", "replaces_id"),
        Index("invoices_paid_idx", "paid_at", "id", postgresql_where="paid_at is not null"),
        Index("invoices_payments_idx", "payments", postgresql_using="gin"),
        Index("invoices_drafts_idx", "finalizes_at", "id", postgresql_where="status = 'draft'"),
        Index(
            "invoices_held_idx", "created_at", "id", postgresql_where="status = 'draft' and not auto_advance"
        ),
        Index("invoices_reason_idx", "billing_reason", "created_at", "id"),
    )
    PREFIX, PLURAL = "inv", "invoices"
    TOLD = ("status", "number", "total", "due", "paid", "auto_advance", "finalizes_at", "next_try_at")
    BELONGS_TO = ("customer_id", "subscription_id")
    STATUS = InvoiceStatus
    MOVES = {status: set(_S) - {status} for status in _S}  # a mirror goes where Stripe says

    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))
    subscription_id: Mapped[str | None] = mapped_column(ForeignKey("subscriptions.id"))
    replaces_id: Mapped[str | None] = mapped_column(ForeignKey("invoices.id"))
    external_id: Mapped[str] = mapped_column(String(255), unique=True)
    external_customer: Mapped[str | None] = public(String(255))
    external_subscription: Mapped[str | None] = public(String(255))
    raw_status: Mapped[str] = mapped_column(String(60), default="")
    number: Mapped[str | None] = public(String(60), index=True)
    billing_reason: Mapped[str | None] = public(String(60))
    currency: Mapped[str] = mapped_column(String(3))
    subtotal: Mapped[int] = minor_units()
    tax: Mapped[int] = minor_units()
    total: Mapped[int] = minor_units()
    due: Mapped[int] = minor_units()
    paid: Mapped[int] = minor_units()
    remaining: Mapped[int] = minor_units()
    starting_balance: Mapped[int] = minor_units()
    ending_balance: Mapped[int | None] = minor_units()
    credited_before: Mapped[int] = minor_units()  # by credit notes while it was open
    credited_after: Mapped[int] = minor_units()  # and once it was paid
    lines: Mapped[list[dict[str, Any]]] = public(JSONB)
    lines_complete: Mapped[bool] = mapped_column(default=True)
    auto_advance: Mapped[bool] = mapped_column(default=False)
    finalizes_at: Mapped[datetime | None]
    finalized_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime | None]
    tried: Mapped[int] = mapped_column(default=0)
    out_of_band: Mapped[bool] = mapped_column(default=False)
    tax_status: Mapped[str | None] = public(String(40))
    error_code: Mapped[str | None] = public(String(100))
    error_words: Mapped[str | None] = public(String(500))
    period_start: Mapped[datetime | None]
    period_end: Mapped[datetime | None]
    payments: Mapped[list[str]] = public(JSONB)
    fetched_at: Mapped[datetime]

    @property
    def final(self) -> bool:
        return self.status in (_S.PAID, _S.VOID, _S.DELETED)

    @property
    def held(self) -> bool:
        """Whether it is a draft that does not go out by itself."""
        return self.status == _S.DRAFT and not self.auto_advance

    @property
    def called_as(self) -> str:
        """Its number, or what it is until it has one."""
        return f"invoice {self.number}" if self.number else "draft invoice"

    @property
    def titled(self) -> str:
        """The same as a sentence or a title begins with it."""
        return f"{self.called_as[0].upper()}{self.called_as[1:]}"

    @property
    def lane(self) -> str:
        return f"stripe:{self.external_id}"

    def money(self, field: str) -> Money:
        """One of its amounts, `due` for one."""
        return Money(getattr(self, field) or 0, self.currency)

    @classmethod
    def by_external(cls, external_id: str) -> Invoice | None:
        return db.session.scalar(select(cls).where(cls.external_id == external_id))

    @classmethod
    def of_customer(cls, customer_id: str, limit: int = 20) -> list[Invoice]:
        """A customer's, the newest first."""
        query = (
            select(cls).where(cls.customer_id == customer_id).order_by(cls.created_at.desc(), cls.id.desc())
        )
        return list(db.session.scalars(query.limit(limit)))

    @classmethod
    def of_subscription(cls, subscription_id: str, limit: int = 20) -> list[Invoice]:
        query = select(cls).where(cls.subscription_id == subscription_id)
        return list(db.session.scalars(query.order_by(cls.created_at.desc(), cls.id.desc()).limit(limit)))
