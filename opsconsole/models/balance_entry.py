"""Every movement of our balance at the processor, copied once and kept; and the daily reading of them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..lib.money import Money
from ._classes import public
from ._record import Record, Stateful, Status, minor_units, one_of

# Movements by which a payout leaves the balance or comes back to it: the other side of what it is made of.
OF_PAYOUTS = ("payout", "payout_cancel", "payout_failure")


class BalanceEntry(Record):
    """`amount` less `fee` is `net`, in minor units, negative when money leaves. `source` is Stripe's id of what moved it
    (ch_…, re_…, du_…, po_…), `payment_key` of the payment behind that, `payout_key` of the payout that it went out with,
    once that is known. `created_at` is Stripe's."""

    __tablename__ = "balance_entries"
    __table_args__ = (
        Index("balance_entries_created_idx", "created_at", "id"),
        Index("balance_entries_payout_idx", "payout_key", "created_at", "id"),
        Index("balance_entries_source_idx", "source"),
        Index("balance_entries_payment_idx", "payment_key"),
    )
    PREFIX, PLURAL = "ble", "balance-entries"

    external_id: Mapped[str] = mapped_column(String(255), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    source: Mapped[str | None] = mapped_column(String(255))
    payment_key: Mapped[str | None] = public(String(255))
    payout_key: Mapped[str | None] = public(String(255))
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int] = minor_units()
    fee: Mapped[int] = minor_units()
    net: Mapped[int] = minor_units()
    available_on: Mapped[date]

    def money(self, field: str) -> Money:
        """One of its amounts, `net` for one."""
        return Money(getattr(self, field), self.currency)


class PullStatus(Status):
    RUNNING = "running", "Stripe's lists are being read, page by page."
    READ = "read", "What Stripe lists is here. The days that it is about are tied out next."
    DONE = "done", "What Stripe lists is here, and its days are tied out."


class BalancePull(Stateful):
    """One reading of the processor's payouts and balance `since` an instant. `seen` were listed, `fresh` were new to us."""

    __tablename__ = "balance_pulls"
    __table_args__ = (
        one_of("status", PullStatus),
        Index("balance_pulls_status_created_idx", "status", "created_at", "id"),
    )
    PREFIX, PLURAL = "bpl", "payouts/pulls"
    STATUS = PullStatus
    MOVES = {
        PullStatus.RUNNING: {PullStatus.READ},
        PullStatus.READ: {PullStatus.DONE},
        PullStatus.DONE: set(),
    }

    since: Mapped[datetime]
    seen: Mapped[int] = mapped_column(default=0)
    fresh: Mapped[int] = mapped_column(default=0)
