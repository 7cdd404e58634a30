"""Who may make up and ship what was prescribed: a pharmacy, and the states that licensed it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import public
from ._record import Record
from .ship_to import STATES


class Pharmacy(Record):
    """`adapter` names how it is called (vendors/pharmacy); `rank` is the order in which they are asked, 1 first.
    `capacity` is how many fills it takes a day; None for any number."""

    __tablename__ = "pharmacies"
    __table_args__ = (
        Index("pharmacies_created_idx", "created_at", "id"),
        Index("pharmacies_name_idx", "name", "id"),
    )
    PREFIX, PLURAL = "pha", "pharmacies"
    TOLD = ("name", "adapter", "active", "rank", "capacity")

    name: Mapped[str] = public(String(100), unique=True)
    adapter: Mapped[str] = public(String(20))
    active: Mapped[bool]
    rank: Mapped[int]
    capacity: Mapped[int | None]

    @property
    def port(self) -> str:
        """Where its calls go, and where it tells us from."""
        return f"pharmacy-{self.adapter}"

    def licences(self) -> list[PharmacyLicence]:
        query = select(PharmacyLicence).where(PharmacyLicence.pharmacy_id == self.id)
        return list(db.session.scalars(query.order_by(PharmacyLicence.state)))


class PharmacyLicence(Record):
    """One state's licence. `expires_on` is its last day; None where the state gives none."""

    __tablename__ = "pharmacy_licences"
    __table_args__ = (
        UniqueConstraint("pharmacy_id", "state"),
        CheckConstraint(
            "state in (" + ", ".join(f"'{state}'" for state in sorted(STATES)) + ")", name="state"
        ),
        Index("pharmacy_licences_state_idx", "state", "pharmacy_id"),
    )
    PREFIX, PLURAL = "lic", "pharmacy-licences"
    TOLD = ("state", "number", "expires_on")
    BELONGS_TO = ("pharmacy_id",)

    pharmacy_id: Mapped[str] = mapped_column(ForeignKey("pharmacies.id"))
    state: Mapped[str] = public(String(2))
    number: Mapped[str] = public(String(40))
    expires_on: Mapped[date | None]
