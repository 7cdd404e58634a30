"""What one of a product costs, and how often: the processor's prices, mirrored."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ..lib.money import Money
from ._classes import public
from ._record import Record, minor_units


class Price(Record):
    """`external_id` is the processor's (price_…), a key of the product in our registry. Without an `interval` it is paid
    once. An `amount` of None is a price that the processor computes."""

    __tablename__ = "prices"
    __table_args__ = (Index("prices_product_idx", "product_id"),)
    PREFIX, PLURAL = "prc", "prices"
    TOLD = ("amount", "interval", "interval_count", "active")

    external_id: Mapped[str] = mapped_column(String(255), unique=True)
    product_id: Mapped[str | None] = mapped_column(ForeignKey("products.id"))
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int | None] = minor_units()
    interval: Mapped[str | None] = public(String(10))
    interval_count: Mapped[int | None]
    active: Mapped[bool]
    fetched_at: Mapped[datetime]

    @property
    def money(self) -> Money | None:
        return None if self.amount is None else Money(self.amount, self.currency)

    @property
    def cadence(self) -> str:
        """How often it is paid, in words: "every 2 months"."""
        return cadence_words(self.interval, self.interval_count)

    @classmethod
    def by_external(cls, external_id: str) -> Price | None:
        return db.session.scalar(select(cls).where(cls.external_id == external_id))

    @classmethod
    def of_product(cls, product_id: str) -> list[Price]:
        """The prices at which a product can be subscribed to now, the shortest cadence first."""
        query = select(cls).where(cls.product_id == product_id, cls.active, cls.interval.is_not(None))
        return sorted(db.session.scalars(query), key=lambda price: (price.days, price.amount or 0, price.id))

    @property
    def days(self) -> int:
        """About how many days it pays for; 0 for a price that is paid once."""
        return _DAYS.get(self.interval or "", 0) * (self.interval_count or 1)


_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


def cadence_words(interval: str | None, count: int | None) -> str:
    """ "every month", "every 2 months", "once"."""
    if not interval:
        return "once"
    return f"every {interval}" if (count or 1) == 1 else f"every {count} {interval}s"
