"""What we moved of a customer's balance at the processor: credit that was granted, or taken back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ..lib.money import Money
from ._classes import pii, public
from ._record import Record, minor_units


class BalanceMove(Record):
    """One entry of the ledger, never changed once Stripe has it: negative is credit. `balance` is what it came to.

    It is written down with the change that asks for it, and has an `external_id` from when Stripe has made it
    (`settled_at`); if it came to nothing it is `called_off_at`. `reverses_id` is what it takes back, once at most.
    """

    __tablename__ = "balance_moves"
    __table_args__ = (
        Index("balance_moves_customer_idx", "customer_id", "created_at", "id"),
        Index("balance_moves_change_idx", "change_id"),
        Index("balance_moves_order_idx", "order_id"),
        Index(
            "balance_moves_reverses_key", "reverses_id", unique=True, postgresql_where="called_off_at is null"
        ),
    )
    PREFIX, PLURAL = "bmv", "balance-moves"
    TOLD = ("amount", "balance", "called_off_at")
    BELONGS_TO = ("customer_id", "order_id")

    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    change_id: Mapped[str | None] = mapped_column(ForeignKey("changes.id"))
    reverses_id: Mapped[str | None] = mapped_column(ForeignKey("balance_moves.id"))
    order_id: Mapped[str | None] = mapped_column(ForeignKey("orders.id"))
    external_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int] = minor_units()
    balance: Mapped[int | None] = minor_units()
    reason: Mapped[str] = public(String(60), default="")
    note: Mapped[str] = pii(Text, default="")
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str] = mapped_column(String(40), default="")
    settled_at: Mapped[datetime | None]
    called_off_at: Mapped[datetime | None]

    @property
    def url(self) -> str:
        return f"/customers/{self.customer_id}/balance"

    @property
    def called(self) -> str:
        return "entry of the balance"

    @property
    def money(self) -> Money:
        """How much it moves, without its direction."""
        return Money(abs(self.amount), self.currency)

    @classmethod
    def of_change(cls, change_id: str) -> BalanceMove | None:
        return db.session.scalar(select(cls).where(cls.change_id == change_id))

    @classmethod
    def reversing(cls, id: str) -> BalanceMove | None:
        """What takes that one back, unless it came to nothing."""
        return db.session.scalar(select(cls).where(cls.reverses_id == id, cls.called_off_at.is_(None)))

    @classmethod
    def of_customer(cls, customer_id: str, limit: int = 200) -> list[BalanceMove]:
        """The newest first."""
        query = select(cls).where(cls.customer_id == customer_id)
        return list(db.session.scalars(query.order_by(cls.created_at.desc(), cls.id.desc()).limit(limit)))
