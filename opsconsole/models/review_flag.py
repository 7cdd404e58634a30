"""Something about a patient that a clinician has to have looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import BIRTH_DATES, phi, public
from ._record import Stateful, Status, one_of

HEALTH = BIRTH_DATES  # who may read of somebody's health


class FlagKind(StrEnum):
    PREGNANCY = "pregnancy"
    ALLERGY = "allergy"
    INTERACTION = "interaction"
    ADVERSE_EVENT = "adverse_event"
    PHOTO_QUALITY = "photo_quality"
    DUPLICATE_THERAPY = "duplicate_therapy"
    AGE = "age"
    HYDROQUINONE_DURATION = "hydroquinone_duration"
    IDENTITY_MISMATCH = "identity_mismatch"
    LICENCE_GAP = "licence_gap"
    RENEWAL_ANSWERS_CHANGED = "renewal_answers_changed"
    PHARMACIST_QUERY = "pharmacist_query"
    OTHER = "other"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")


class FlagSeverity(StrEnum):
    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"


class FlagEffect(StrEnum):
    BLOCK = "block"  # nothing ships and nothing is prescribed before a clinician has resolved it
    REVIEW = "review"  # a clinician looks at it before anything is decided
    NOTE = "note"  # it is told

    @property
    def words(self) -> str:
        return {
            "block": "nothing ships until it is resolved",
            "review": "a clinician has to look",
            "note": "it is told",
        }[self.value]


class FlagStatus(Status):
    OPEN = "open", "Nobody has looked at it yet."
    ACKNOWLEDGED = "acknowledged", "A clinician has seen it."
    IN_REVIEW = "in_review", "A clinician looks into it."
    ESCALATED = "escalated", "It was passed on to somebody who knows more."
    RESOLVED = "resolved", "A clinician dealt with it; its outcome says how."
    DISMISSED = "dismissed", "A clinician said why it does not matter."


_S = FlagStatus
FLAG_OPEN = (_S.OPEN, _S.ACKNOWLEDGED, _S.IN_REVIEW, _S.ESCALATED)


class FlagOutcome(StrEnum):
    NO_ACTION = "no_action"
    RX_CHANGED = "rx_changed"
    RX_STOPPED = "rx_stopped"
    PATIENT_CONTACTED = "patient_contacted"
    REFERRED = "referred"


class ReviewFlag(Stateful):
    """`source` says who raised it: a rule ("rule:<code>"), the healthcare system, or a person's act. `external_id` is the
    healthcare system's, who lowers its own. What kind it is tells of somebody's health: who may not read that is told
    only that there is a flag and what it blocks."""

    __tablename__ = "review_flags"
    __table_args__ = (
        one_of("status", FlagStatus),
        one_of("kind", FlagKind),
        one_of("severity", FlagSeverity),
        one_of("effect", FlagEffect),
        Index("review_flags_created_idx", "created_at", "id"),
        Index("review_flags_status_created_idx", "status", "created_at", "id"),
        Index("review_flags_customer_idx", "customer_id", "created_at"),
        Index(
            "review_flags_open_idx", "customer_id", "effect",
            postgresql_where="status in ('open', 'acknowledged', 'in_review', 'escalated')",
        ),
        # One source says the same about one visit once.
        Index(
            "review_flags_source_key", "customer_id", "visit_id", "source", "kind", unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index(
            "review_flags_external_key", "external_id", unique=True, postgresql_where="external_id is not null"
        ),
    )  # fmt: skip
    PREFIX, PLURAL = "flg", "review-flags"
    TOLD = ("status", "severity", "effect", "outcome")
    BELONGS_TO = ("customer_id", "visit_id", "order_id")
    STATUS = FlagStatus
    MOVES = {
        _S.OPEN: {_S.ACKNOWLEDGED, _S.IN_REVIEW, _S.ESCALATED, _S.RESOLVED, _S.DISMISSED},
        _S.ACKNOWLEDGED: {_S.IN_REVIEW, _S.ESCALATED, _S.RESOLVED, _S.DISMISSED},
        _S.IN_REVIEW: {_S.ESCALATED, _S.RESOLVED, _S.DISMISSED},
        _S.ESCALATED: {_S.IN_REVIEW, _S.RESOLVED, _S.DISMISSED},
        _S.RESOLVED: {_S.OPEN},  # the clinic raised it again
        _S.DISMISSED: {_S.OPEN},
    }

    kind: Mapped[str] = phi(String(40), shown_by=HEALTH)
    severity: Mapped[str] = public(String(16))
    effect: Mapped[str] = public(String(16))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    visit_id: Mapped[str | None] = mapped_column(ForeignKey("visits.id"))
    order_id: Mapped[str | None] = mapped_column(ForeignKey("orders.id"))
    source: Mapped[str] = mapped_column(String(80))
    external_id: Mapped[str | None] = mapped_column(String(100))
    outcome: Mapped[str | None] = mapped_column(String(40))
    why: Mapped[str] = phi(String(500), default="", shown_by=HEALTH)  # what a person said to it
    by: Mapped[str] = mapped_column(String(120), default="")
    due_at: Mapped[datetime | None]
    source_updated_at: Mapped[datetime | None]
    trace_id: Mapped[str | None] = mapped_column(String(40))

    @property
    def open(self) -> bool:
        return self.status in FLAG_OPEN

    @classmethod
    def open_of(cls, customer_id: str, effect: FlagEffect | None = None) -> Sequence[ReviewFlag]:
        """What nobody has resolved of a customer, the oldest first; of one effect only, where given."""
        query = select(cls).where(cls.customer_id == customer_id, cls.status.in_(FLAG_OPEN))
        if effect is not None:
            query = query.where(cls.effect == effect)
        return db.session.scalars(query.order_by(cls.created_at, cls.id)).all()
