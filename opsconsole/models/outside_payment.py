"""An invoice that was paid by other means than a card at the processor: what finance knows that payment by."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ..lib.money import Money
from ._classes import pii
from ._record import Record, minor_units


class OutsidePayment(Record):
    """`reference` is kept in capitals and without spaces around, once: a bank's transfer pays one invoice. What was called
    off, or Stripe would not take, frees it (`called_off_at`)."""

    __tablename__ = "outside_payments"
    __table_args__ = (
        Index(
            "outside_payments_reference_key", "reference", unique=True, postgresql_where="called_off_at is null"
        ),
        Index("outside_payments_invoice_idx", "invoice_id", "created_at"),
        Index("outside_payments_change_idx", "change_id"),
    )  # fmt: skip
    PREFIX, PLURAL = "oup", "outside-payments"
    TOLD = ("reference", "amount", "received_on", "called_off_at")
    BELONGS_TO = ("invoice_id",)

    invoice_id: Mapped[str] = mapped_column(ForeignKey("invoices.id"))
    change_id: Mapped[str | None] = mapped_column(ForeignKey("changes.id"))
    reference: Mapped[str] = mapped_column(String(80))
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int] = minor_units()
    received_on: Mapped[date] = mapped_column(Date)
    note: Mapped[str] = pii(Text, default="")
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str] = mapped_column(String(40))
    called_off_at: Mapped[datetime | None]

    @property
    def url(self) -> str:
        return f"/invoices/{self.invoice_id}"

    @property
    def called(self) -> str:
        return "payment"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @classmethod
    def by_reference(cls, reference: str) -> OutsidePayment | None:
        """The one that stands with that reference."""
        query = select(cls).where(cls.reference == reference, cls.called_off_at.is_(None))
        return db.session.scalar(query)

    @classmethod
    def of_change(cls, change_id: str) -> OutsidePayment | None:
        return db.session.scalar(select(cls).where(cls.change_id == change_id))

    @classmethod
    def of_invoice(cls, invoice_id: str) -> list[OutsidePayment]:
        query = select(cls).where(cls.invoice_id == invoice_id, cls.called_off_at.is_(None))
        return list(db.session.scalars(query.order_by(cls.created_at)))
