"""What is sold: our registry, with the keys under which other systems know each product."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ..lib.money import Money
from ._classes import public
from ._record import Record, minor_units, one_of, search_index, searched


class ProductKind(StrEnum):
    PRESCRIPTION = "prescription"
    OTC = "otc"
    SERVICE = "service"


class Product(Record):
    """The registry is ours to keep (the shop feeds it); `form` and `strength` are of what a pharmacy makes. `quantity` of
    `unit` and `days_supply` are what a prescription for one of it must say, where the registry knows. `min_age` in years;
    what is `not_in_pregnancy` may not be taken then."""

    __tablename__ = "products"
    __table_args__ = (
        one_of("kind", ProductKind),
        CheckConstraint(
            "case kind when 'prescription' then needs_prescription when 'otc' then not needs_prescription else true end",
            name="prescription",
        ),
        CheckConstraint(
            "coalesce(quantity, 1) > 0 and coalesce(days_supply, 1) > 0 and coalesce(min_age, 0) between 0 and 120",
            name="prescribed",
        ),
        CheckConstraint("(price is null) = (currency is null) and coalesce(price, 0) >= 0", name="price"),
        Index("products_created_idx", "created_at", "id"),
        Index("products_name_idx", "name", "id"),
        search_index("products"),
    )
    PREFIX, PLURAL = "prd", "products"
    TOLD = (
        "sku", "name", "kind", "form", "strength", "needs_prescription", "active", "price", "quantity", "unit",
        "days_supply", "min_age", "not_in_pregnancy",
    )  # fmt: skip

    sku: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = public(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    form: Mapped[str | None] = mapped_column(String(60))  # cream, gel
    strength: Mapped[str | None] = mapped_column(String(100))  # tretinoin 0.05 %
    needs_prescription: Mapped[bool]
    active: Mapped[bool]  # it can be bought now
    price: Mapped[int | None] = minor_units()  # of one, today, before tax; None: nobody told
    currency: Mapped[str | None] = mapped_column(String(3))
    quantity: Mapped[Decimal | None] = mapped_column(Numeric(12, 3))
    unit: Mapped[str | None] = public(String(40))
    days_supply: Mapped[int | None]
    min_age: Mapped[int | None]
    not_in_pregnancy: Mapped[bool] = mapped_column(default=False, server_default="false")
    search: Mapped[str] = searched("lower(name || ' ' || sku)")

    @property
    def price_money(self) -> Money | None:
        """What one costs today."""
        return None if self.price is None or self.currency is None else Money(self.price, self.currency)

    @classmethod
    def by_key(cls, system: str, key: str) -> Product | None:
        """The product that another system knows by that key."""
        query = select(cls).join(ProductKey).where(ProductKey.system == system, ProductKey.key == key)
        return db.session.scalar(query)

    @classmethod
    def prescribable(cls) -> list[Product]:
        """What clinicians may prescribe today, by name."""
        query = select(cls).where(cls.active, cls.needs_prescription).order_by(cls.name, cls.id)
        return list(db.session.scalars(query))

    @classmethod
    def by_sku(cls, sku: str) -> Product | None:
        return db.session.scalar(select(cls).where(cls.sku == sku))

    def keys(self) -> list[ProductKey]:
        return ProductKey.of([self.id])[self.id]


class ProductKey(Record):
    """One key of a product in one system, and since when we know it. A system may have several: one price each."""

    __tablename__ = "product_keys"
    __table_args__ = (
        UniqueConstraint("system", "key"),
        Index("product_keys_product_idx", "product_id"),
        Index("product_keys_key_idx", "key"),
    )
    PREFIX, PLURAL = "pky", "product-keys"
    TOLD = ("system", "key")
    BELONGS_TO = ("product_id",)

    product_id: Mapped[str] = mapped_column(ForeignKey("products.id"))
    system: Mapped[str] = mapped_column(String(100))  # stripe_price, pharmacy, compound, ndc, rxnorm
    key: Mapped[str] = mapped_column(String(255))
    as_of: Mapped[datetime]

    @classmethod
    def of(cls, product_ids: Collection[str]) -> dict[str, list[ProductKey]]:
        """The keys of several products, by product: one statement."""
        found: dict[str, list[ProductKey]] = {id: [] for id in product_ids}
        query = select(cls).where(cls.product_id.in_(found)).order_by(cls.system, cls.key)
        for key in db.session.scalars(query):
            found[key.product_id].append(key)
        return found
