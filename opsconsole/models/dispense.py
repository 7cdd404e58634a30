"""One fill of a prescription as the healthcare vendor heard of it from a pharmacy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Numeric, String, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import public
from ._record import Stateful, Status, anywhere, one_of


class DispenseStatus(Status):
    PREPARING = "preparing", "A pharmacy makes it up."
    ON_HOLD = "on_hold", "A pharmacy has stopped making it up for now."
    DISPENSED = "dispensed", "It was made up and given out: this fill is used."
    CANCELED = "canceled", "Nothing was given out: the fill can be used again."
    ENTERED_IN_ERROR = "entered_in_error", "It should never have been there."
    UNKNOWN = (
        "unknown",
        "The healthcare system uses a word that we do not know. It counts as used until somebody knows.",
    )


_S = DispenseStatus
#: These use no fill of their prescription.
UNUSED = (_S.CANCELED, _S.ENTERED_IN_ERROR)


class Dispense(Stateful):
    """`prescription_external_id` is known before its prescription may be; `fill_id` is the fill of ours, where it is one."""

    __tablename__ = "dispenses"
    __table_args__ = (
        one_of("status", DispenseStatus),
        Index("dispenses_created_idx", "created_at", "id"),
        Index("dispenses_prescription_idx", "prescription_external_id", "dispensed_at"),
        Index("dispenses_fill_idx", "fill_id", postgresql_where="fill_id is not null"),
        Index("dispenses_customer_idx", "customer_id", "created_at"),
    )
    PREFIX, PLURAL = "dsp", "dispenses"
    TOLD = ("status", "dispensed_at", "fill_id")
    BELONGS_TO = ("prescription_id", "customer_id", "fill_id")
    STATUS = DispenseStatus
    MOVES = anywhere(DispenseStatus)

    external_id: Mapped[str] = mapped_column(String(100), unique=True)
    prescription_external_id: Mapped[str | None] = mapped_column(String(100))
    prescription_id: Mapped[str | None] = mapped_column(ForeignKey("prescriptions.id"))
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))
    fill_id: Mapped[str | None] = mapped_column(ForeignKey("fills.id"))
    quantity: Mapped[Decimal | None] = mapped_column(Numeric(12, 3))
    days_supply: Mapped[int | None]
    dispensed_at: Mapped[datetime | None]
    pharmacy: Mapped[str] = public(String(200), default="")
    raw_status: Mapped[str] = mapped_column(String(60), default="")
    source_version: Mapped[str | None] = public(String(64))
    source_updated_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime]

    @property
    def final(self) -> bool:
        return self.status in (_S.DISPENSED, *UNUSED)

    @classmethod
    def of_prescription(cls, external_id: str) -> Sequence[Dispense]:
        """The latest first."""
        query = select(cls).where(cls.prescription_external_id == external_id)
        return db.session.scalars(query.order_by(cls.dispensed_at.desc().nulls_first(), cls.id.desc())).all()
