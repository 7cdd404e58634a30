"""Whether the money of a day ties out: what was sold, charged, booked at the processor and paid out, and each difference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ..lib.money import Money
from ._classes import public
from ._record import Record, Stateful, Status, minor_units, one_of


class TieOutStatus(Status):
    TIED = "tied", "What was sold, charged, booked and paid out is the same money."
    WAITING = "waiting", "What differs is on its way and comes right by itself."
    OPEN = (
        "open",
        "Something differs that somebody has to look at: each difference says what it is and what to do.",
    )


@dataclass(frozen=True)
class Step:
    """Two sums of a day that should be the same, in minor units. `code` names the step."""

    code: str
    left: int
    right: int

    @property
    def gap(self) -> int:
        return self.left - self.right


class TieOut(Stateful):
    """The money of one day (UTC), which begins at `starts_at`, in one currency, in minor units.

    `sold` is what orders and invoices of the day cost, `charged` what our payments collected, `refunded` what went back.
    `gross`, `fees` and `net` are the processor's entries, `paid_out` the net of those that a payout took along. `sent` are
    the payouts that were made that day, `sent_entries` what they are made of. `gap` adds up how far the steps are apart,
    each difference counted as positive; `unexplained` is what no difference accounts for, and is always 0."""

    __tablename__ = "tie_outs"
    __table_args__ = (
        one_of("status", TieOutStatus),
        Index("tie_outs_day_key", "starts_at", "currency", unique=True),
        Index("tie_outs_day_idx", "starts_at", "id"),
        Index("tie_outs_status_day_idx", "status", "starts_at", "id"),
    )
    PREFIX, PLURAL = "tie", "tie-outs"
    TOLD = (
        "status", "sold", "charged", "refunded", "gross", "fees", "net", "paid_out", "sent", "sent_entries", "gap",
    )  # fmt: skip
    STATUS = TieOutStatus
    MOVES = {status: set(TieOutStatus) - {status} for status in TieOutStatus}  # as often as it is looked at

    starts_at: Mapped[datetime]
    currency: Mapped[str] = mapped_column(String(3))
    sold: Mapped[int] = minor_units()
    charged: Mapped[int] = minor_units()
    refunded: Mapped[int] = minor_units()
    gross: Mapped[int] = minor_units()
    fees: Mapped[int] = minor_units()
    net: Mapped[int] = minor_units()
    paid_out: Mapped[int] = minor_units()
    sent: Mapped[int] = minor_units()
    sent_entries: Mapped[int] = minor_units()
    gap: Mapped[int] = minor_units()
    unexplained: Mapped[int] = minor_units()
    gaps: Mapped[int] = mapped_column(default=0)
    ran_at: Mapped[datetime]

    @property
    def final(self) -> bool:
        return False  # money of a day may come or go long after it

    @property
    def day(self) -> date:
        return self.starts_at.astimezone(UTC).date()

    @property
    def called(self) -> str:
        return f"tie-out of {self.day:%d %b %Y}"

    def money(self, field: str) -> Money:
        """One of its amounts, `sold` for one."""
        return Money(getattr(self, field), self.currency)

    def steps(self) -> Iterator[Step]:
        """From what was sold to what reached our bank."""
        yield Step("sold", self.sold, self.charged)
        yield Step("booked", self.charged - self.refunded, self.gross)
        yield Step("net", self.gross - self.fees, self.net)
        yield Step("paid_out", self.net, self.paid_out)
        yield Step("sent", self.sent, self.sent_entries)

    @classmethod
    def of_day(cls, day: date) -> list[TieOut]:
        """One for each currency."""
        query = select(cls).where(cls.starts_at == midnight(day)).order_by(cls.currency)
        return list(db.session.scalars(query))


def midnight(day: date) -> datetime:
    """When a day begins."""
    return datetime.combine(day, datetime.min.time(), UTC)


class TieOutGap(Record):
    """One difference of a step (Step.code): `amount` is what its left side has more than its right, in minor units.
    `kind` is its class (services/payouts/_kinds.py), `record_id` our record that it is about, `external_id` Stripe's."""

    __tablename__ = "tie_out_gaps"
    __table_args__ = (
        Index("tie_out_gaps_created_idx", "created_at", "id"),
        Index("tie_out_gaps_tie_out_idx", "tie_out_id", "created_at", "id"),
        Index("tie_out_gaps_kind_idx", "tie_out_id", "kind", "created_at", "id"),
    )
    PREFIX, PLURAL = "tog", "tie-out-gaps"
    BELONGS_TO = ("tie_out_id",)

    tie_out_id: Mapped[str] = mapped_column(ForeignKey("tie_outs.id", ondelete="CASCADE"))
    step: Mapped[str] = public(String(16))
    kind: Mapped[str] = mapped_column(String(32))
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int] = minor_units()
    record_id: Mapped[str | None] = mapped_column(String(40, collation="C"))
    external_id: Mapped[str | None] = mapped_column(String(255))

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)
