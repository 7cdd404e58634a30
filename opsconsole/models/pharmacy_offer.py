"""What a pharmacy makes up for us: which product, at what price, and whether it has it now."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import public
from ._record import Record, minor_units, one_of


class Stock(StrEnum):
    IN_STOCK = "in_stock"
    LOW = "low"  # it can be had; another pharmacy is better asked
    OUT = "out"


class PharmacyOffer(Record):
    """`cost` is what the pharmacy charges us for one, in minor units of `currency`; `back_on` when what is out is there
    again. Of a product that nobody offers nothing is known: any pharmacy may be asked for it."""

    __tablename__ = "pharmacy_offers"
    __table_args__ = (
        UniqueConstraint("pharmacy_id", "sku"),
        one_of("stock", Stock),
        CheckConstraint("cost >= 0", name="cost"),
        Index("pharmacy_offers_sku_idx", "sku", "pharmacy_id"),
        Index("pharmacy_offers_created_idx", "created_at", "id"),
    )
    PREFIX, PLURAL = "off", "pharmacy-offers"
    TOLD = ("sku", "stock", "back_on", "cost")
    BELONGS_TO = ("pharmacy_id",)

    pharmacy_id: Mapped[str] = mapped_column(ForeignKey("pharmacies.id"))
    sku: Mapped[str] = mapped_column(String(60))
    stock: Mapped[str] = public(String(16))
    back_on: Mapped[date | None]
    cost: Mapped[int] = minor_units()
    currency: Mapped[str] = mapped_column(String(3))

    @classmethod
    def of(cls, skus: Collection[str]) -> dict[str, dict[str, PharmacyOffer]]:
        """sku -> pharmacy's id -> its offer: one statement."""
        found: dict[str, dict[str, PharmacyOffer]] = {sku: {} for sku in skus}
        for offer in db.session.scalars(select(cls).where(cls.sku.in_(found))):
            found[offer.sku][offer.pharmacy_id] = offer
        return found
