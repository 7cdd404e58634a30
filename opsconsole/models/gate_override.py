"""A clinician lets one order through one closed gate, for a time and with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ..lib.worded import Worded
from ._classes import Sealed, public, sealed
from ._record import Record, one_of
from .review_flag import HEALTH


class OverrideReason(Worded):
    """Why, with the words that people choose by. None of them tells of anybody's health."""

    SPOKE_WITH_PATIENT = "spoke_with_patient", "I have spoken with the patient"
    SPOKE_WITH_PHARMACIST = "spoke_with_pharmacist", "I have spoken with the pharmacist"
    REVIEWED_RECORD = "reviewed_record", "I have gone through the patient’s record"
    EQUIVALENT = "equivalent", "What differs makes no clinical difference"
    CONTINUITY = "continuity", "Interrupting the treatment would do more harm"


class GateOverride(Record):
    """`code` is the blocker that no longer closes its gate, until the end of `until_on` where the patient lives, or until it
    is withdrawn. `words` is what the clinician said to it. `used_at` is when it first let something through."""

    __tablename__ = "gate_overrides"
    __table_args__ = (
        one_of("reason", OverrideReason),
        CheckConstraint("(withdrawn_at is null) = (withdrawn_by is null)", name="withdrawn"),
        Index("gate_overrides_order_idx", "order_id", "created_at"),
        Index("gate_overrides_provider_idx", "provider_id"),
    )
    PREFIX, PLURAL = "gov", "gate-overrides"
    TOLD = ("code", "reason", "until_on", "withdrawn_by")
    BELONGS_TO = ("order_id",)

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"))
    provider_id: Mapped[str] = mapped_column(ForeignKey("providers.id"))
    code: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = public(String(40))
    words_sealed: Mapped[bytes] = sealed("words", shown_by=HEALTH)
    words = Sealed("words_sealed", str)
    until_on: Mapped[date]
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str] = mapped_column(String(40))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = public(String(120))
    used_at: Mapped[datetime | None]
    trace_id: Mapped[str] = mapped_column(String(40))

    @property
    def url(self) -> str:
        return f"/orders/{self.order_id}"

    @property
    def called(self) -> str:
        return "override"

    @property
    def why(self) -> str:
        return next(one.words for one in OverrideReason if one == self.reason)

    def stands(self, on: date) -> bool:
        """Does it count on that day (the patient's)? Its last day counts."""
        return self.withdrawn_at is None and on <= self.until_on

    @classmethod
    def of_order(cls, order_id: str) -> Sequence[GateOverride]:
        """The newest first."""
        query = select(cls).where(cls.order_id == order_id)
        return db.session.scalars(query.order_by(cls.created_at.desc(), cls.id.desc())).all()
