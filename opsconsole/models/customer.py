"""Who we serve: a skinny registry, our id beside every other system's id."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import BIRTH_DATES, CONTACTS, NAMES, SealedOrNone, blind_index, pii, sealed
from ._record import Record, search_index, searched
from .ship_to import ShipTo, told_apart


class Customer(Record):
    __tablename__ = "customers"
    __table_args__ = (
        Index("customers_created_idx", "created_at", "id"),
        Index("customers_name_idx", "name", "id"),
        search_index("customers"),
        Index("customers_birth_index_idx", "birth_index"),
    )
    PREFIX, PLURAL = "cst", "customers"
    TOLD = ("reference", "name", "email", "phone", "birth_date_sealed", "ship_to")

    reference: Mapped[str] = mapped_column(String(100), unique=True)  # the shop's own id
    name: Mapped[str] = pii(String(200), shown_by=NAMES)
    email: Mapped[str | None] = pii(String(320), shown_by=CONTACTS, index=True)
    phone: Mapped[str | None] = pii(String(40), shown_by=CONTACTS)
    birth_date_sealed: Mapped[bytes | None] = sealed("birth_date", shown_by=BIRTH_DATES, nullable=True)
    birth_index: Mapped[bytes | None] = blind_index("birth_date")
    birth_date: SealedOrNone[str] = SealedOrNone(
        "birth_date_sealed", str, index="birth_index"
    )  # ISO: 1990-02-03
    # Where future orders ship: what the healthcare system has told, and when it last did. ShipTo
    ship_to: Mapped[dict[str, Any] | None] = pii(JSONB(none_as_null=True), shown_by=CONTACTS)
    ship_to_fetched_at: Mapped[datetime | None]
    search: Mapped[str] = searched(
        "lower(name || ' ' || coalesce(email, '') || ' ' || reference || ' ' || "
        r"regexp_replace(coalesce(phone, ''), '\D', '', 'g'))"
    )

    def apart(self, field: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
        """Of the birth date only whether it differs; of the address its parts."""
        if field == "ship_to":
            yield from told_apart(before, after)
            return
        if field != "birth_date_sealed":
            yield from super().apart(field, before, after)
            return
        plain = [one and Customer.birth_date.open(one, self.id) for one in (before, after)]
        was, becomes = (self.tell("birth_date", one) for one in plain)
        yield "birth_date", was, becomes

    @property
    def ships_to(self) -> ShipTo | None:
        """Where future orders ship; None while nobody told."""
        return ShipTo.read(self.ship_to)

    @classmethod
    def by_external(cls, system: str, external_id: str) -> Customer | None:
        """The customer another system knows by that id."""
        query = (
            select(cls)
            .join(ExternalId)
            .where(ExternalId.system == system, ExternalId.external_id == external_id)
        )
        return db.session.scalar(query)

    def external_ids(self) -> list[ExternalId]:
        query = select(ExternalId).where(ExternalId.customer_id == self.id).order_by(ExternalId.system)
        return list(db.session.scalars(query))


class ExternalId(Record):
    """One id under which another system knows a customer, and when that was last confirmed."""

    __tablename__ = "external_ids"
    __table_args__ = (
        UniqueConstraint("system", "external_id"),
        Index("external_ids_customer_idx", "customer_id"),
        Index("external_ids_external_id_idx", "external_id"),
    )
    PREFIX, PLURAL = "xid", "external-ids"
    TOLD = ("system", "external_id")
    BELONGS_TO = ("customer_id",)

    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    system: Mapped[str] = mapped_column(String(40))
    external_id: Mapped[str] = mapped_column(String(255))
    as_of: Mapped[datetime | None]
