"""One time that a patient's answers come before a clinician, from the invitation to the decision."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import Sealed, public, sealed
from ._record import Record, Stateful, Status, one_of
from .ship_to import STATES


class VisitKind(StrEnum):
    """Why somebody comes before a clinician."""

    INITIAL = "initial"
    RENEWAL = "renewal"
    FOLLOW_UP = "follow_up"
    RX_REQUEST = "rx_request"  # a prescription cannot be filled as it stands: only another one helps

    @property
    def words(self) -> str:
        return {
            "initial": "First visit",
            "renewal": "Renewal",
            "follow_up": "Follow-up",
            "rx_request": "Prescription to be put right",
        }[self.value]


class VisitStatus(Status):
    INVITED = "invited", "The patient was asked to answer and has not begun. Reminders go out by themselves."
    IN_PROGRESS = "in_progress", "The patient has begun to answer. Reminders go out by themselves."
    SUBMITTED = (
        "submitted",
        "The answers are there: a clinician licensed in the patient’s state takes it next.",
    )
    ASSIGNED = "assigned", "A clinician is to look at it."
    IN_REVIEW = "in_review", "A clinician is looking at it."
    NEEDS_INFO = "needs_info", "The clinician asked the patient something. Its clock stands still meanwhile."
    APPROVED = "approved", "The clinician approved. What follows is on its way."
    DENIED = "denied", "The clinician said no. Nothing of it is shipped."
    REFERRED = "referred", "The clinician sent the patient to somebody who sees them in person."
    COMPLETED = "completed", "Decided, and the healthcare system has closed it."
    ABANDONED = "abandoned", "The patient never finished it, in spite of all reminders."
    CANCELLED = "cancelled", "It was called off."


_S = VisitStatus
#: Before the answers are there; with a clinician; decided on.
VISIT_WITH_PATIENT = (_S.INVITED, _S.IN_PROGRESS, _S.NEEDS_INFO)
VISIT_TO_DECIDE = (_S.SUBMITTED, _S.ASSIGNED, _S.IN_REVIEW)
VISIT_DECIDED = (_S.APPROVED, _S.DENIED, _S.REFERRED, _S.COMPLETED)
_OPEN = {_S.INVITED, _S.IN_PROGRESS, _S.SUBMITTED, _S.ASSIGNED, _S.IN_REVIEW, _S.NEEDS_INFO}
_DECISIONS = {_S.APPROVED, _S.DENIED, _S.REFERRED}


Follows = Callable[["Visit"], None]
FOLLOWERS: list[Follows] = []  # what goes with a visit when it moves, see services/visits/_moved.py


class Visit(Stateful):
    """`patient_state` is where the patient is, and so whose licence counts. `provider_id` is who is to decide, `claimed_at`
    since when they are at it. `asks` is the code of what is wrong with `prescription_id` and `says` that in words (no health
    data), for an rx_request. `due_at` is when it should be decided on; it waits with the patient since `waiting_since`,
    and has waited for `waited_seconds` before. `previous_id` is the patient's visit before it.

    Since `opinion_asked_at` another clinician is asked what they think: `opinion_of_id`, None for any of them who is
    licensed there; `opinion_for_id` is who asked.
    """

    __tablename__ = "visits"
    __table_args__ = (
        one_of("status", VisitStatus),
        one_of("kind", VisitKind),
        CheckConstraint(
            "patient_state is null or patient_state in ("
            + ", ".join(f"'{state}'" for state in sorted(STATES))
            + ")",
            name="patient_state",
        ),
        Index("visits_created_idx", "created_at", "id"),
        Index("visits_status_created_idx", "status", "created_at", "id"),
        Index("visits_customer_idx", "customer_id", "created_at"),
        Index("visits_order_idx", "order_id", postgresql_where="order_id is not null"),
        Index("visits_prescription_idx", "prescription_id", postgresql_where="prescription_id is not null"),
        # The queue: what a clinician may take, by the harm that waiting does.
        Index(
            "visits_queue_idx", "patient_state", "due_at", "id",
            postgresql_where="status in ('submitted', 'assigned', 'in_review')",
        ),
        Index(
            "visits_provider_idx", "provider_id", "due_at", "id",
            postgresql_where="status in ('assigned', 'in_review', 'needs_info')",
        ),
        Index("visits_opinion_idx", "opinion_asked_at", "id", postgresql_where="opinion_asked_at is not null"),
        Index(
            "visits_waiting_idx", "status_since", "id",
            postgresql_where="status in ('invited', 'in_progress', 'needs_info')",
        ),
        # What is wrong with a prescription is asked once at a time.
        Index(
            "visits_asks_key", "prescription_id", "asks", unique=True,
            postgresql_where="asks is not null and status in ('submitted', 'assigned', 'in_review', 'needs_info')",
        ),
    )  # fmt: skip
    PREFIX, PLURAL = "vis", "visits"
    TOLD = ("status", "kind", "patient_state", "provider_id", "asks")
    BELONGS_TO = ("customer_id", "order_id", "prescription_id")
    STATUS = VisitStatus
    MOVES = {
        _S.INVITED: {_S.IN_PROGRESS, _S.SUBMITTED, _S.ABANDONED, _S.CANCELLED},
        _S.IN_PROGRESS: {_S.SUBMITTED, _S.ABANDONED, _S.CANCELLED},
        _S.SUBMITTED: {_S.ASSIGNED, _S.IN_REVIEW, _S.CANCELLED},
        _S.ASSIGNED: {_S.SUBMITTED, _S.IN_REVIEW, _S.CANCELLED},
        _S.IN_REVIEW: {_S.SUBMITTED, _S.ASSIGNED, _S.NEEDS_INFO, _S.CANCELLED} | _DECISIONS,
        _S.NEEDS_INFO: {_S.SUBMITTED, _S.ASSIGNED, _S.IN_REVIEW, _S.ABANDONED, _S.CANCELLED},
        **{decided: {_S.COMPLETED, _S.IN_REVIEW} for decided in _DECISIONS},  # back: undone within its window
        _S.COMPLETED: set(),
        _S.ABANDONED: {_S.IN_PROGRESS, _S.SUBMITTED},  # they answered after all
        _S.CANCELLED: set(),
    }

    kind: Mapped[str] = mapped_column(String(16))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    order_id: Mapped[str | None] = mapped_column(ForeignKey("orders.id"))
    prescription_id: Mapped[str | None] = mapped_column(ForeignKey("prescriptions.id"))
    questionnaire_id: Mapped[str | None] = mapped_column(ForeignKey("questionnaires.id"))
    previous_id: Mapped[str | None] = mapped_column(ForeignKey("visits.id"))
    external_id: Mapped[str | None] = mapped_column(String(100), unique=True)
    patient_state: Mapped[str | None] = public(String(2))
    asks: Mapped[str | None] = public(String(60))
    provider_id: Mapped[str | None] = mapped_column(ForeignKey("providers.id"))
    claimed_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]
    waited_seconds: Mapped[int] = mapped_column(default=0, server_default="0")
    escalated_at: Mapped[datetime | None]
    escalated_why: Mapped[str | None] = public(String(60))  # a code
    opinion_asked_at: Mapped[datetime | None]
    opinion_of_id: Mapped[str | None] = mapped_column(ForeignKey("providers.id"))
    opinion_for_id: Mapped[str | None] = mapped_column(ForeignKey("providers.id"))
    decided_at: Mapped[datetime | None]
    says: Mapped[str] = mapped_column(String(300), default="")
    raw_status: Mapped[str] = mapped_column(String(60), default="")
    by: Mapped[str] = mapped_column(String(120), default="")
    trace_id: Mapped[str | None] = mapped_column(String(40))
    source_version: Mapped[str | None] = public(String(64))
    source_updated_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime | None]

    def move_to(self, status: Status) -> bool:
        moved = super().move_to(status)
        for follow in FOLLOWERS if moved else ():
            follow(self)
        return moved

    @property
    def open(self) -> bool:
        return self.status in _OPEN

    @property
    def to_decide(self) -> bool:
        return self.status in VISIT_TO_DECIDE

    @property
    def decided(self) -> bool:
        return self.status in VISIT_DECIDED

    @property
    def lane(self) -> str:
        return f"healthcare:{self.id}"

    @classmethod
    def by_external(cls, external_id: str) -> Visit | None:
        return db.session.scalar(select(cls).where(cls.external_id == external_id))

    @classmethod
    def of_customer(cls, customer_id: str, limit: int = 50) -> Sequence[Visit]:
        """The newest first."""
        query = select(cls).where(cls.customer_id == customer_id)
        return db.session.scalars(query.order_by(cls.created_at.desc(), cls.id.desc()).limit(limit)).all()

    @classmethod
    def of_order(cls, order_id: str) -> Sequence[Visit]:
        """The newest first."""
        query = select(cls).where(cls.order_id == order_id)
        return db.session.scalars(query.order_by(cls.created_at.desc(), cls.id.desc())).all()


class AnswersStatus(Status):
    IN_PROGRESS = "in_progress", "The patient has not finished."
    COMPLETED = "completed", "The patient has finished."
    AMENDED = "amended", "The patient has finished, and changed something afterwards."
    STOPPED = "stopped", "The patient has stopped answering."
    ENTERED_IN_ERROR = "entered_in_error", "It should never have been there."
    UNKNOWN = "unknown", "The healthcare system uses a word that we do not know."


class VisitAnswers(Record):
    """What was answered, to exactly the version that was asked: `questionnaire_id`; None for one that is not ours, which is
    named by `asked` (canonical|version) then. Mirrored from the healthcare system, which keeps it.

    `told` is `answers` as JSON: {item's id: [values]}, as vendors.healthcare.AnswersFacts has them; a photo's value names
    the attachment.
    """

    __tablename__ = "visit_answers"
    __table_args__ = (
        one_of("status", AnswersStatus),
        Index("visit_answers_visit_idx", "visit_id", "authored_at"),
        Index("visit_answers_customer_idx", "customer_id", "created_at"),
        Index("visit_answers_created_idx", "created_at", "id"),
    )
    PREFIX, PLURAL = "ans", "answers"
    TOLD = ("status", "questionnaire_id")
    BELONGS_TO = ("visit_id", "customer_id")

    visit_id: Mapped[str | None] = mapped_column(ForeignKey("visits.id"))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    questionnaire_id: Mapped[str | None] = mapped_column(ForeignKey("questionnaires.id"))
    asked: Mapped[str] = public(String(300), default="")
    external_id: Mapped[str] = mapped_column(String(100), unique=True)
    visit_external_id: Mapped[str | None] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(24))
    raw_status: Mapped[str] = mapped_column(String(60), default="")
    told_sealed: Mapped[bytes] = sealed("told")
    told = Sealed("told_sealed", str)
    authored_at: Mapped[datetime | None]
    source_version: Mapped[str | None] = public(String(64))
    source_updated_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime]

    @property
    def complete(self) -> bool:
        return self.status in (AnswersStatus.COMPLETED, AnswersStatus.AMENDED)

    @property
    def answers(self) -> dict[str, list[Any]]:
        """Opened: who shows it to somebody writes that view down (services/phi)."""
        return dict(json.loads(self.told))

    @classmethod
    def of_visit(cls, visit_id: str) -> VisitAnswers | None:
        """The latest that count."""
        query = select(cls).where(cls.visit_id == visit_id, cls.status != AnswersStatus.ENTERED_IN_ERROR)
        return db.session.scalar(query.order_by(cls.authored_at.desc().nulls_last(), cls.id.desc()).limit(1))
