"""That a prescription comes to its end and what is done so that the patient has the next one in time."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ..lib.worded import Worded
from ._classes import public
from ._record import Stateful, Status, one_of


class RenewalStatus(Status):
    DUE = "due", "It was found; the customer is told next."
    DRIPPING = (
        "dripping",
        "The customer was asked for a check-in and has not answered. Reminders go out by themselves.",
    )
    REQUESTED = "requested", "The customer has answered. A clinician decides."
    RENEWED = "renewed", "There is a new prescription that can be filled."
    STOPPED = "stopped", "Somebody said why it is not renewed."
    LAPSED = (
        "lapsed",
        "The prescription has ended and there is no new one. Nothing is charged or sent for it.",
    )


class RenewalCause(Worded):
    """Why it is renewed."""

    EXPIRING = "expiring", "It expires soon"
    FEW_FILLS = "few_fills", "One fill is left, or none"
    PERSON = "person", "Somebody began it"


class StopReason(Worded):
    """Why it is not renewed."""

    CUSTOMER_ASKED = "customer_asked", "The customer does not want it any more"
    SUBSCRIPTION_ENDED = "subscription_ended", "The customer has ended what it is for"
    CLINICIAN_DENIED = "clinician_denied", "A clinician said no"
    OTHER_TREATMENT = "other_treatment", "They get something else instead"
    MISTAKE = "mistake", "It was begun by mistake"


_S = RenewalStatus
RENEWAL_OPEN = (_S.DUE, _S.DRIPPING, _S.REQUESTED)


class Renewal(Stateful):
    """One of a prescription, ever, but for those that were stopped. `due_on` is the day by which the next one is needed:
    its last day, or the charge for which no fill is left. `visit_id` is the visit that they were asked to, whose reminders
    go on until they have answered; `messages` are what was sent beside them, `sent` how many. It is looked at again at
    `next_at`. `renewed_by_id` is the new prescription."""

    __tablename__ = "renewals"
    __table_args__ = (
        one_of("status", RenewalStatus),
        one_of("because", RenewalCause),
        CheckConstraint("sent >= 0", name="sent"),
        Index(
            "renewals_prescription_key",
            "prescription_id",
            unique=True,
            postgresql_where="status <> 'stopped'",
        ),
        Index("renewals_created_idx", "created_at", "id"),
        Index("renewals_status_created_idx", "status", "created_at", "id"),
        Index("renewals_customer_idx", "customer_id", "created_at"),
        Index("renewals_next_idx", "next_at", postgresql_where="next_at is not null"),
        Index(
            "renewals_due_idx", "due_on", "id", postgresql_where="status in ('due', 'dripping', 'requested')"
        ),
    )
    PREFIX, PLURAL = "rnw", "renewals"
    TOLD = ("status", "because", "due_on", "sent", "reason")
    BELONGS_TO = ("customer_id", "prescription_id", "visit_id", "renewed_by_id")
    STATUS = RenewalStatus
    MOVES = {
        _S.DUE: {_S.DRIPPING, _S.REQUESTED, _S.RENEWED, _S.STOPPED, _S.LAPSED},
        _S.DRIPPING: {_S.REQUESTED, _S.RENEWED, _S.STOPPED, _S.LAPSED},
        _S.REQUESTED: {_S.DRIPPING, _S.RENEWED, _S.STOPPED, _S.LAPSED},
        _S.LAPSED: {_S.REQUESTED, _S.RENEWED, _S.STOPPED},
        _S.RENEWED: set(),
        _S.STOPPED: set(),
    }

    prescription_id: Mapped[str] = mapped_column(ForeignKey("prescriptions.id"))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    visit_id: Mapped[str | None] = mapped_column(ForeignKey("visits.id"))
    renewed_by_id: Mapped[str | None] = mapped_column(ForeignKey("prescriptions.id"))
    because: Mapped[str] = public(String(16))
    due_on: Mapped[date | None]
    sent: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    messages: Mapped[list[str]] = public(ARRAY(String(40)), default=list)
    reason: Mapped[str | None] = public(String(40))
    by: Mapped[str] = mapped_column(String(120))
    trace_id: Mapped[str] = mapped_column(String(40))

    @property
    def open(self) -> bool:
        return self.status in RENEWAL_OPEN

    @classmethod
    def of_prescription(cls, prescription_id: str) -> Renewal | None:
        """The latest."""
        query = select(cls).where(cls.prescription_id == prescription_id)
        return db.session.scalar(query.order_by(cls.created_at.desc(), cls.id.desc()).limit(1))
