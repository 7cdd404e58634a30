"""Somebody keeps a draft invoice from going out: why, and until when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db, instant
from ..lib.worded import Worded
from ._classes import pii, public
from ._record import Record, one_of


class InvoiceHoldReason(Worded):
    """Why, with the words that people choose by."""

    CUSTOMER_ASKED = "customer_asked", "The customer asked us to wait"
    AMOUNT = "amount", "Its amount has to be looked at"
    PRESCRIPTION = "prescription", "Its prescription has to be cleared up"
    TAX = "tax", "Its tax or address has to be put right"
    DUPLICATE = "duplicate", "It may bill something twice"
    SUSPECTED_FRAUD = "suspected_fraud", "It may be fraud"
    RULE = "rule", "A rule asks for a look at it first"
    REISSUED = "reissued", "It was issued again and has to be looked at"
    OTHER = "other", "Something else"


class InvoiceHold(Record):
    """It stands until `released_at`. `until` is when the clock lets it go, None when only a person does. `why` says in a
    sentence how it ended, `change_id` is the change by which Stripe was asked."""

    __tablename__ = "invoice_holds"
    __table_args__ = (
        one_of("reason", InvoiceHoldReason),
        Index(
            "invoice_holds_standing_key", "invoice_id", unique=True, postgresql_where="released_at is null"
        ),
        Index("invoice_holds_invoice_idx", "invoice_id", "created_at"),
        Index("invoice_holds_until_idx", "until", postgresql_where="released_at is null"),
        Index("invoice_holds_change_idx", "change_id"),
    )
    PREFIX, PLURAL = "ihd", "invoice-holds"
    TOLD = ("released_by", "why")
    BELONGS_TO = ("invoice_id",)

    invoice_id: Mapped[str] = mapped_column(ForeignKey("invoices.id"))
    change_id: Mapped[str | None] = mapped_column(ForeignKey("changes.id"))
    reason: Mapped[str] = public(String(24))
    note: Mapped[str] = pii(Text, default="")
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str] = mapped_column(String(40))
    until: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None] = public(String(120))
    why: Mapped[str | None] = public(String(200))

    @property
    def url(self) -> str:
        return f"/invoices/{self.invoice_id}"

    @property
    def words(self) -> str:
        return InvoiceHoldReason.words_of(self.reason)

    @property
    def called(self) -> str:
        return "hold"

    @classmethod
    def on(cls, invoice_id: str) -> InvoiceHold | None:
        """The one that stands on an invoice."""
        return db.session.scalar(select(cls).where(cls.invoice_id == invoice_id, cls.released_at.is_(None)))

    @classmethod
    def of_change(cls, change_id: str) -> InvoiceHold | None:
        return db.session.scalar(select(cls).where(cls.change_id == change_id))

    @classmethod
    def overdue(cls, limit: int) -> list[str]:
        """Ids of those whose time is up, the oldest first."""
        query = select(cls.id).where(cls.released_at.is_(None), cls.until <= instant())
        return list(db.session.scalars(query.order_by(cls.until).limit(limit)))
