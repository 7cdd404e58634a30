"""Who prescribes, and the states that licensed them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import public
from ._record import Record, one_of
from .ship_to import STATES


class LicenceStatus(StrEnum):
    ACTIVE = "active"
    PENDING = "pending"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    SURRENDERED = "surrendered"


class Provider(Record):
    """`npi` is the National Provider Identifier: ten digits, the last a check digit. `external_id` is the healthcare
    system's; `staff_id` is the colleague who signs as this prescriber, where it is one."""

    __tablename__ = "providers"
    __table_args__ = (
        CheckConstraint("npi ~ '^[0-9]{10}$'", name="npi"),
        Index("providers_created_idx", "created_at", "id"),
        Index("providers_name_idx", "name", "id"),
    )
    PREFIX, PLURAL = "prv", "providers"
    TOLD = ("name", "npi", "credential", "active", "staff_id")

    name: Mapped[str] = public(String(200))
    npi: Mapped[str] = public(String(10), unique=True)
    credential: Mapped[str] = public(String(10))  # MD, DO, NP, PA
    active: Mapped[bool]
    external_id: Mapped[str | None] = mapped_column(String(100), unique=True)
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"), unique=True)
    source_updated_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime | None]

    @classmethod
    def of_staff(cls, staff_id: str) -> Provider | None:
        """The prescriber that a colleague is; None for all who are none."""
        return db.session.scalar(select(cls).where(cls.staff_id == staff_id))

    def licensed_in(self, on: date) -> list[str]:
        """The states in which they may prescribe on a day."""
        return [one.state for one in self.licences() if self.active and one.holds(on)]

    def licences(self) -> list[ProviderLicence]:
        query = select(ProviderLicence).where(ProviderLicence.provider_id == self.id)
        return list(db.session.scalars(query.order_by(ProviderLicence.state)))


class ProviderLicence(Record):
    """One state's licence to prescribe to people there. `expires_on` is its last day; None where the state gives none."""

    __tablename__ = "provider_licences"
    __table_args__ = (
        UniqueConstraint("provider_id", "state"),
        one_of("status", LicenceStatus),
        CheckConstraint(
            "state in (" + ", ".join(f"'{state}'" for state in sorted(STATES)) + ")", name="state"
        ),
        Index("provider_licences_state_idx", "state", "provider_id"),
    )
    PREFIX, PLURAL = "pli", "provider-licences"
    TOLD = ("state", "number", "status", "expires_on")
    BELONGS_TO = ("provider_id",)

    provider_id: Mapped[str] = mapped_column(ForeignKey("providers.id"))
    state: Mapped[str] = public(String(2))
    number: Mapped[str] = public(String(40))
    status: Mapped[str] = mapped_column(String(16))
    starts_on: Mapped[date | None]
    expires_on: Mapped[date | None]

    def holds(self, on: date) -> bool:
        """Does it hold on that day? Its first and its last day count."""
        begun = self.starts_on is None or self.starts_on <= on
        return (
            self.status == LicenceStatus.ACTIVE
            and begun
            and (self.expires_on is None or self.expires_on >= on)
        )
