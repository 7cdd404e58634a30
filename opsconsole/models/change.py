"""One thing that somebody wants changed at the processor: of a subscription, of an invoice, or of a customer's balance."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import pii, public
from ._record import Stateful, Status, one_of


class ChangeStatus(Status):
    SCHEDULED = (
        "scheduled",
        "It happens on its day, or once what it waits for is there. Until then it can be called off.",
    )
    PLANNED = "planned", "Written down here; Stripe has not been asked yet. It can be undone."
    SUBMITTED = "submitted", "Stripe was asked and has not answered. It happens once at most."
    DONE = "done", "Stripe has done it."
    FAILED = "failed", "Stripe would not do it. It says why, and its case what to do."
    WITHDRAWN = "withdrawn", "It was taken back before Stripe was asked."


_S = ChangeStatus
UNDER_WAY = (_S.PLANNED, _S.SUBMITTED)


class Change(Stateful):
    """`verb` is the act that asked for it, `method` and `arguments` what the processor is asked (vendors/billing).

    `starts_at` is the day of a scheduled one, `waits_for` in words what it waits for instead. `details` is what its page
    shows beside it: plain JSON without PHI. `external_id` is what it made at the processor, where it makes something.
    """

    __tablename__ = "changes"
    __table_args__ = (
        one_of("status", ChangeStatus),
        Index("changes_created_idx", "created_at", "id"),
        Index("changes_subscription_idx", "subscription_id", "created_at"),
        Index("changes_invoice_idx", "invoice_id", "created_at"),
        Index("changes_customer_idx", "customer_id", "created_at"),
        Index("changes_scheduled_idx", "starts_at", "id", postgresql_where="status = 'scheduled'"),
        # Never two at once: each was decided on with the other not yet there.
        Index(
            "changes_subscription_under_way_key", "subscription_id", unique=True,
            postgresql_where="status in ('planned', 'submitted')",
        ),
        Index(
            "changes_invoice_under_way_key", "invoice_id", unique=True,
            postgresql_where="status in ('planned', 'submitted')",
        ),
    )  # fmt: skip
    PREFIX, PLURAL = "chg", "changes"
    TOLD = ("status", "starts_at", "reason", "failure_reason")
    BELONGS_TO = ("subscription_id", "invoice_id", "customer_id")
    STATUS = ChangeStatus
    MOVES = {
        _S.SCHEDULED: {_S.PLANNED, _S.FAILED, _S.WITHDRAWN},
        _S.PLANNED: {_S.SCHEDULED, _S.SUBMITTED, _S.DONE, _S.FAILED, _S.WITHDRAWN},
        _S.SUBMITTED: {_S.PLANNED, _S.DONE, _S.FAILED},
        _S.FAILED: {_S.PLANNED, _S.DONE},
        _S.DONE: set(),
        _S.WITHDRAWN: set(),
    }

    verb: Mapped[str] = public(String(60))
    subscription_id: Mapped[str | None] = mapped_column(ForeignKey("subscriptions.id"))
    invoice_id: Mapped[str | None] = mapped_column(ForeignKey("invoices.id"))
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))
    method: Mapped[str] = mapped_column(String(60))
    arguments: Mapped[dict[str, Any]] = pii(JSONB)
    says: Mapped[str] = mapped_column(String(300))
    reason: Mapped[str] = public(String(60), default="")
    note: Mapped[str] = pii(Text, default="")
    details: Mapped[dict[str, Any]] = public(JSONB, default=dict)
    starts_at: Mapped[datetime | None]
    waits_for: Mapped[str | None] = public(String(120))
    external_id: Mapped[str | None] = mapped_column(String(255))
    failure_code: Mapped[str | None] = public(String(100))
    failure_reason: Mapped[str | None] = mapped_column(String(500))
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str] = mapped_column(String(40))
    trace_id: Mapped[str] = mapped_column(String(40))

    @property
    def final(self) -> bool:
        return self.status in (_S.DONE, _S.FAILED, _S.WITHDRAWN)

    @property
    def under_way(self) -> bool:
        """Whether the processor is being asked, or about to be."""
        return self.status in UNDER_WAY

    @classmethod
    def of_subscription(cls, subscription_id: str, limit: int = 50) -> list[Change]:
        """The newest first."""
        query = select(cls).where(cls.subscription_id == subscription_id)
        return list(db.session.scalars(query.order_by(cls.created_at.desc(), cls.id.desc()).limit(limit)))

    @classmethod
    def of_invoice(cls, invoice_id: str, limit: int = 50) -> list[Change]:
        """The newest first."""
        query = select(cls).where(cls.invoice_id == invoice_id)
        return list(db.session.scalars(query.order_by(cls.created_at.desc(), cls.id.desc()).limit(limit)))

    @classmethod
    def now_of(cls, *, subscription_id: str | None = None, invoice_id: str | None = None) -> Change | None:
        """The one that is under way, of which a subscription, or an invoice, has one at most."""
        query = select(cls).where(cls.status.in_(UNDER_WAY))
        if subscription_id:
            return db.session.scalar(query.where(cls.subscription_id == subscription_id))
        return db.session.scalar(query.where(cls.invoice_id == invoice_id)) if invoice_id else None
