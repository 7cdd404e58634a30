"""What a clinician prescribed, mirrored from the healthcare vendor, who has the last word on every field."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import PRODUCTS, phi, public
from ._record import Stateful, Status, anywhere, one_of


class PrescriptionStatus(Status):
    DRAFT = "draft", "A clinician has begun it and not signed it."
    PENDING_SIGNATURE = "pending_signature", "It is written and waits for the clinician's signature."
    ACTIVE = "active", "Signed: it can be filled as long as fills are left and it has not expired."
    ON_HOLD = "on_hold", "A clinician has it paused: nothing is filled from it."
    DEPLETED = "depleted", "Every fill of it was used. A clinician has to prescribe again."
    EXPIRED = (
        "expired",
        "Its last day has passed. A clinician has to prescribe again; nobody extends the date.",
    )
    SUPERSEDED = "superseded", "A newer prescription stands in its place."
    DISCONTINUED = "discontinued", "A clinician stopped it."
    CANCELLED = "cancelled", "It was called off before it was used up."
    ENTERED_IN_ERROR = "entered_in_error", "It should never have been there."
    UNKNOWN = (
        "unknown",
        "The healthcare system uses a word for its status that we do not know. Nothing is filled from it; a case says why.",
    )


_S = PrescriptionStatus
#: Nothing is filled from it any more, ever.
PRESCRIPTION_OVER = (
    _S.DEPLETED, _S.EXPIRED, _S.SUPERSEDED, _S.DISCONTINUED, _S.CANCELLED, _S.ENTERED_IN_ERROR,
)  # fmt: skip


class Prescription(Stateful):
    """`external_id` is the vendor's, by which pharmacies know it too. `sku` is the product of ours that it is for; None
    while nobody has mapped what the vendor calls it (`keys`: [{"system", "code"}]).

    `refills_authorised` does not count the first fill; `fills_used` does: with 2 refills 3 fills can be used. `expires_on`
    is the last day on which it may be filled. `prior_external_id` is the one whose place it takes, `ref` the request of
    ours that it was made for. The vendor may move it from any status to any other: `source_status` and `source_expires_on`
    are the vendor's own, from which ours are worked out (services/prescriptions/_stands.py).
    """

    __tablename__ = "prescriptions"
    __table_args__ = (
        one_of("status", PrescriptionStatus),
        CheckConstraint(
            "refills_authorised >= 0 and fills_used >= 0 and coalesce(quantity, 1) > 0", name="counts"
        ),
        Index("prescriptions_customer_idx", "customer_id", "created_at"),
        Index("prescriptions_provider_idx", "provider_id"),
        Index("prescriptions_expires_idx", "expires_on", "id", postgresql_where="status = 'active'"),
        Index(
            "prescriptions_prior_idx", "prior_external_id", postgresql_where="prior_external_id is not null"
        ),
        Index(
            "prescriptions_prescriber_idx",
            "prescriber_external_id",
            postgresql_where="provider_id is null and prescriber_external_id is not null",
        ),
        Index("prescriptions_unmapped_idx", "created_at", "id", postgresql_where="sku is null"),
        Index("prescriptions_sku_created_idx", "sku", "created_at", "id"),
        Index("prescriptions_created_idx", "created_at", "id"),
        Index("prescriptions_status_created_idx", "status", "created_at", "id"),
    )
    PREFIX, PLURAL = "rx", "prescriptions"
    TOLD = ("status", "sku", "refills_authorised", "fills_used", "written_on", "expires_on", "provider_id")
    BELONGS_TO = ("customer_id",)
    STATUS = PrescriptionStatus
    MOVES = anywhere(PrescriptionStatus)

    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    external_id: Mapped[str] = mapped_column(String(100), unique=True)
    sku: Mapped[str | None] = mapped_column(String(60))
    keys: Mapped[list[dict[str, Any]]] = public(JSONB, default=list, server_default="[]")
    drug: Mapped[str] = phi(String(200), shown_by=PRODUCTS)  # with its strength and form
    sig: Mapped[str] = phi(Text, shown_by=PRODUCTS, default="", server_default="")
    quantity: Mapped[Decimal | None] = mapped_column(Numeric(12, 3))  # of `unit` a fill
    unit: Mapped[str] = public(String(40), default="", server_default="")
    days_supply: Mapped[int | None]
    refills_authorised: Mapped[int]
    fills_used: Mapped[int]
    written_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    provider_id: Mapped[str | None] = mapped_column(ForeignKey("providers.id"))
    raw_status: Mapped[str] = mapped_column(String(60), default="")
    status_reason: Mapped[str | None] = phi(String(60), shown_by=PRODUCTS)
    source_status: Mapped[str] = public(String(24), default="", server_default="")
    source_expires_on: Mapped[date | None]
    prescriber_external_id: Mapped[str | None] = mapped_column(String(100))
    prior_external_id: Mapped[str | None] = mapped_column(String(100))
    visit_external_id: Mapped[str | None] = mapped_column(String(100))
    ref: Mapped[str | None] = mapped_column(String(40))
    source_version: Mapped[str | None] = public(String(64))
    source_updated_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime | None]

    @property
    def final(self) -> bool:
        return self.status in PRESCRIPTION_OVER

    @property
    def fills_authorised(self) -> int:
        """Refills are not fills: the first one comes on top."""
        return self.refills_authorised + 1

    @property
    def fills_left(self) -> int:
        """By the vendor's count; fills that only we know of yet are counted by `services.gates`."""
        return max(self.fills_authorised - self.fills_used, 0)

    @classmethod
    def of_customer(cls, customer_id: str, skus: Collection[str] | None = None) -> list[Prescription]:
        """Theirs, the newest first; of these products only, where given."""
        query = select(cls).where(cls.customer_id == customer_id)
        if skus is not None:
            query = query.where(cls.sku.in_(skus))
        return list(db.session.scalars(query.order_by(cls.created_at.desc(), cls.id.desc())))

    @classmethod
    def by_external(cls, external_id: str) -> Prescription | None:
        return db.session.scalar(select(cls).where(cls.external_id == external_id))

    @classmethod
    def after(cls, external_id: str) -> list[Prescription]:
        """Those that take the place of this one, the newest first."""
        query = select(cls).where(cls.prior_external_id == external_id)
        return list(db.session.scalars(query.order_by(cls.created_at.desc(), cls.id.desc())))
