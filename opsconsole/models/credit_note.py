"""What was given back of an invoice, or taken off it while it was open: the processor's credit notes, mirrored."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ..lib.money import Money
from ._classes import public
from ._record import Stateful, Status, minor_units, one_of


class CreditNoteStatus(Status):
    """https://docs.stripe.com/api/credit_notes/object#credit_note_object-status"""

    ISSUED = "issued", "It counts: so much less is due, or was given back."
    VOID = "void", "It was called off: as much is due as before."
    UNKNOWN = "unknown", "Stripe uses a word we do not know. A case says which."


_S = CreditNoteStatus


class CreditNote(Stateful):
    """`amount` is all of it, in minor units: `refunded` went back to the card, `credited` to the customer's balance,
    `out_of_band` by other means, and the rest was taken off while the invoice was open. `refunds` are Stripe's ids."""

    __tablename__ = "credit_notes"
    __table_args__ = (
        one_of("status", CreditNoteStatus),
        Index("credit_notes_invoice_idx", "invoice_id", "created_at"),
        Index("credit_notes_customer_idx", "customer_id", "created_at"),
        Index("credit_notes_external_invoice_idx", "external_invoice"),
    )
    PREFIX, PLURAL = "crn", "credit-notes"
    TOLD = ("status", "number", "amount", "refunded", "credited", "out_of_band")
    BELONGS_TO = ("invoice_id", "customer_id")
    STATUS = CreditNoteStatus
    MOVES = {status: set(_S) - {status} for status in _S}  # a mirror goes where Stripe says

    invoice_id: Mapped[str | None] = mapped_column(ForeignKey("invoices.id"))
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))
    external_id: Mapped[str] = mapped_column(String(255), unique=True)
    external_invoice: Mapped[str] = public(String(255))
    raw_status: Mapped[str] = mapped_column(String(60), default="")
    number: Mapped[str | None] = public(String(80))
    reason: Mapped[str | None] = public(String(60))
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int] = minor_units()
    refunded: Mapped[int] = minor_units()
    credited: Mapped[int] = minor_units()
    out_of_band: Mapped[int] = minor_units()
    refunds: Mapped[list[str]] = public(JSONB)
    by: Mapped[str] = mapped_column(String(120))
    fetched_at: Mapped[datetime]

    @property
    def given_back(self) -> int:
        """What of it was paid before: the rest only made less due."""
        return self.refunded + self.credited + self.out_of_band

    @property
    def taken_off(self) -> int:
        return self.amount - self.given_back

    @property
    def called_as(self) -> str:
        return f"credit note {self.number}" if self.number else "credit note"

    @property
    def titled(self) -> str:
        return f"{self.called_as[0].upper()}{self.called_as[1:]}"

    @property
    def lane(self) -> str:
        return f"stripe:{self.external_invoice}"

    def money(self, field: str) -> Money:
        """One of its amounts, `refunded` for one."""
        return Money(getattr(self, field), self.currency)

    @classmethod
    def by_external(cls, external_id: str) -> CreditNote | None:
        return db.session.scalar(select(cls).where(cls.external_id == external_id))

    @classmethod
    def of_invoice(cls, invoice_id: str) -> list[CreditNote]:
        """The oldest first."""
        return cls.of_invoices([invoice_id]).get(invoice_id, [])

    @classmethod
    def of_invoices(cls, invoice_ids: Collection[str]) -> dict[str, list[CreditNote]]:
        """By the invoice's id, for those that have some: one statement."""
        found: dict[str, list[CreditNote]] = {}
        query = select(cls).where(cls.invoice_id.in_(invoice_ids)).order_by(cls.created_at, cls.id)
        for one in db.session.scalars(query) if invoice_ids else ():
            found.setdefault(str(one.invoice_id), []).append(one)
        return found
