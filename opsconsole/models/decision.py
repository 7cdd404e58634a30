"""What a clinician decided about a visit: signed, chained, and only ever added to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import Sealed, public, sealed
from ._record import Record, one_of


class DecisionKind(StrEnum):
    APPROVE = "approve"
    APPROVE_WITH_CHANGES = "approve_with_changes"
    DENY = "deny"
    ASK = "ask"
    REFER = "refer"
    OPINION = "opinion"  # of somebody else, who was asked for it
    AMENDMENT = "amendment"  # words added to an earlier one
    TAKEN_BACK = "taken_back"  # undone within its window

    @property
    def words(self) -> str:
        return {
            "approve": "Approved",
            "approve_with_changes": "Approved with changes",
            "deny": "Denied",
            "ask": "Asked the patient",
            "refer": "Referred",
            "opinion": "Second opinion",
            "amendment": "Added",
            "taken_back": "Taken back",
        }[self.value]


class DenialReason(StrEnum):
    CONTRAINDICATION = "contraindication"
    PREGNANCY = "pregnancy"
    AGE = "age"
    ALLERGY = "allergy"
    INTERACTION = "interaction"
    OUT_OF_SCOPE = "out_of_scope"
    INSUFFICIENT_PHOTOS = "insufficient_photos"
    STATE_NOT_SERVED = "state_not_served"
    SUSPECTED_MISUSE = "suspected_misuse"


class Decision(Record):
    """`content` is canonical JSON of what was signed (visit, number, kind, reason, words, what is prescribed, who, licence,
    when, which answers), sealed. `hash` is over it and `prior_hash`, the one before it of the same visit; the first has
    none. `amends_id` is what an amendment adds to. Nothing of it is ever changed: the database refuses it."""

    __tablename__ = "decisions"
    __table_args__ = (
        one_of("kind", DecisionKind),
        Index("decisions_number_key", "visit_id", "number", unique=True),
        Index("decisions_created_idx", "created_at", "id"),
        Index("decisions_customer_idx", "customer_id", "created_at"),
        Index("decisions_provider_idx", "provider_id", "created_at"),
    )
    PREFIX, PLURAL = "dec", "decisions"
    TOLD = ("kind", "number", "provider_id")
    BELONGS_TO = ("visit_id", "customer_id")

    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(24))
    provider_id: Mapped[str | None] = mapped_column(ForeignKey("providers.id"))
    amends_id: Mapped[str | None] = mapped_column(ForeignKey("decisions.id"))
    content_sealed: Mapped[bytes] = sealed("content")
    content = Sealed("content_sealed", str)
    prior_hash: Mapped[str | None] = public(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str] = mapped_column(String(40))
    trace_id: Mapped[str] = mapped_column(String(40))

    @classmethod
    def of_visit(cls, visit_id: str) -> Sequence[Decision]:
        """In the order in which they were signed."""
        return db.session.scalars(select(cls).where(cls.visit_id == visit_id).order_by(cls.number)).all()
