"""What each state asks of care at a distance. A state without a rule is not served."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String, or_, select
from sqlalchemy.orm import Mapped

from ..db import db
from ._classes import public
from ._record import Record, one_of
from .ship_to import STATES


class Modality(StrEnum):
    """How a clinician may see a patient there."""

    ASYNC_PHOTO = "async_photo"  # by questionnaire and photos
    SYNC_FIRST = "sync_first"  # first by video, later by photos
    SYNC_EACH = "sync_each"  # by video each time


class StateRule(Record):
    """One state's rule for a time; of several, the one that has begun last counts. `prescription_days` is how long a
    prescription lasts there at most, counted from the day it was written."""

    __tablename__ = "state_rules"
    __table_args__ = (
        one_of("modality", Modality),
        CheckConstraint(
            "state in (" + ", ".join(f"'{state}'" for state in sorted(STATES)) + ")", name="state"
        ),
        CheckConstraint("effective_to is null or effective_to >= effective_from", name="effective"),
        CheckConstraint("min_age between 0 and 120 and prescription_days > 0", name="numbers"),
        Index("state_rules_state_idx", "state", "effective_from", unique=True),
        Index("state_rules_created_idx", "created_at", "id"),
    )
    PREFIX, PLURAL = "srl", "state-rules"
    TOLD = (
        "state", "modality", "min_age", "id_check", "prescription_days", "effective_from", "effective_to",
    )  # fmt: skip

    state: Mapped[str] = public(String(2))
    modality: Mapped[str] = public(String(16))
    min_age: Mapped[int]
    id_check: Mapped[bool]
    prescription_days: Mapped[int]
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
    source: Mapped[str] = public(String(300))  # where the rule stands
    signed_off_by: Mapped[str] = public(String(120))

    @classmethod
    def of(cls, state: str, on: date) -> StateRule | None:
        """The rule that counts in a state on a day; None where nobody is served."""
        query = select(cls).where(
            cls.state == state,
            cls.effective_from <= on,
            or_(cls.effective_to.is_(None), cls.effective_to >= on),
        )
        return db.session.scalar(query.order_by(cls.effective_from.desc()).limit(1))
