"""Money on its way from the processor to our bank: its payouts, mirrored and never edited."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ..lib.money import Money
from ._classes import public
from ._record import Stateful, Status, minor_units, one_of


class PayoutStatus(Status):
    """The processor's own words: https://docs.stripe.com/api/payouts/object#payout_object-status"""

    PENDING = "pending", "Stripe has not handed it to the bank yet."
    IN_TRANSIT = "in_transit", "The bank has it. It arrives on the day that is written here."
    PAID = "paid", "Stripe says that it arrived. A bank may still send it back for five business days."
    FAILED = "failed", "The bank sent it back: the money is on our balance at Stripe again."
    CANCELED = "canceled", "It was called off before it left: the money is still on our balance at Stripe."
    UNKNOWN = "unknown", "Stripe uses a word we do not know. A case says which."


_S = PayoutStatus
UNDER_WAY_OR_THERE = (_S.PENDING, _S.IN_TRANSIT, _S.PAID)  # what it holds has left our balance


class Payout(Stateful):
    """`created_at` is Stripe's. `automatic` ones say what they are made of; `reconciled` is Stripe's word on whether that
    can be read yet, `read_at` when we had read all of it."""

    __tablename__ = "payouts"
    __table_args__ = (
        one_of("status", PayoutStatus),
        Index("payouts_created_idx", "created_at", "id"),
        Index("payouts_status_created_idx", "status", "created_at", "id"),
    )
    PREFIX, PLURAL = "pyt", "payouts"
    TOLD = ("status", "amount", "arrives_on", "failure_code")
    STATUS = PayoutStatus
    MOVES = {status: set(_S) - {status} for status in _S}  # a mirror goes where Stripe says

    external_id: Mapped[str] = mapped_column(String(255), unique=True)
    raw_status: Mapped[str] = mapped_column(String(60), default="")
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int] = minor_units()
    arrives_on: Mapped[date]
    automatic: Mapped[bool]
    reconciled: Mapped[str | None] = public(String(40))
    failure_code: Mapped[str | None] = public(String(100))
    read_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime]

    @property
    def final(self) -> bool:
        return self.status in (_S.FAILED, _S.CANCELED)

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def lane(self) -> str:
        return f"stripe:{self.external_id}"

    @classmethod
    def by_external(cls, external_id: str) -> Payout | None:
        return db.session.scalar(select(cls).where(cls.external_id == external_id))
