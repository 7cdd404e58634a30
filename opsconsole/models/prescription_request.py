"""What the healthcare system is asked about a prescription: to write one, to send it to its pharmacy again, to cancel it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import SealedOrNone, pii, public, sealed
from ._record import Stateful, Status, one_of
from .promise import Promise


class RequestKind(StrEnum):
    PRESCRIBE = "prescribe"
    TRANSMIT = "transmit"
    CANCEL = "cancel"

    @property
    def words(self) -> str:
        return {
            "prescribe": "a new prescription",
            "transmit": "sending it to the pharmacy",
            "cancel": "canceling it at the pharmacy",
        }[self.value]


class RequestStatus(Status):
    PLANNED = "planned", "Written down here; the healthcare system has not been asked yet. It can be undone."
    SUBMITTED = "submitted", "The healthcare system was asked and has not answered. It happens once at most."
    REQUESTED = (
        "requested",
        "The healthcare system passes it on. No answer from the pharmacy yet: ask nothing again.",
    )
    RECEIVED = "received", "It reached the pharmacy, which has not looked at it yet."
    ACCEPTED = "accepted", "The pharmacy is at it."
    CONFIRMED = "confirmed", "It is done: written, received and checked, or canceled."
    DENIED = "denied", "The pharmacy says no. A case says what to do."
    FAILED = "failed", "It did not get through. A case says what to put right before it is asked again."
    DECLINED = "declined", "The healthcare system would not take it. Its case says why."
    WITHDRAWN = "withdrawn", "Undone before the healthcare system was asked."
    UNKNOWN = "unknown", "The healthcare system uses a word that we do not know. A case says which."


_S = RequestStatus
_ANSWERS = {_S.REQUESTED, _S.RECEIVED, _S.ACCEPTED, _S.CONFIRMED, _S.DENIED, _S.FAILED, _S.UNKNOWN}
#: Nobody has said yet how it ends: nothing like it may be asked meanwhile.
REQUEST_OPEN = (_S.PLANNED, _S.SUBMITTED, _S.REQUESTED, _S.RECEIVED, _S.ACCEPTED, _S.UNKNOWN)


class PrescriptionRequest(Stateful):
    """`prescription_id` is the one that it is about; of a new one, the one whose place it takes, and `made_id` what came of
    it. `external_id` is the vendor's task. `reason` is a code. A new one's `face` (JSON of vendors.healthcare.Face) is
    sealed, and never changed once it was decided on. What others ask outside is told of too: `customer_id` is None while
    its prescription (`prescription_external_id`) is not known yet. What the vendor answers may move it from any answer to
    any other.
    """

    __tablename__ = "prescription_requests"
    __table_args__ = (
        one_of("status", RequestStatus),
        one_of("kind", RequestKind),
        Index("prescription_requests_created_idx", "created_at", "id"),
        Index("prescription_requests_status_created_idx", "status", "created_at", "id"),
        Index("prescription_requests_kind_created_idx", "kind", "created_at", "id"),
        Index("prescription_requests_customer_idx", "customer_id", "created_at"),
        Index("prescription_requests_prescription_idx", "prescription_id", "created_at"),
        Index(
            "prescription_requests_waiting_idx", "prescription_external_id",
            postgresql_where="prescription_id is null and prescription_external_id is not null",
        ),
        Index("prescription_requests_visit_idx", "visit_id", postgresql_where="visit_id is not null"),
        # We ask one question about a prescription at a time. What others ask outside is only told of.
        Index(
            "prescription_requests_open_key", "prescription_id", "kind", unique=True,
            postgresql_where=(
                "kind <> 'prescribe' and by_id <> 'healthcare' and status in"
                " ('planned', 'submitted', 'requested', 'received', 'accepted', 'unknown')"
            ),
        ),
    )  # fmt: skip
    PREFIX, PLURAL = "prq", "prescription-requests"
    TOLD = ("status", "kind", "reason", "failure_code")
    BELONGS_TO = ("prescription_id", "made_id", "customer_id", "visit_id")
    STATUS = RequestStatus
    MOVES = {
        _S.PLANNED: {_S.SUBMITTED, _S.WITHDRAWN, _S.DECLINED} | _ANSWERS,
        _S.SUBMITTED: {_S.PLANNED, _S.DECLINED} | _ANSWERS,
        **{status: _ANSWERS - {status} for status in _ANSWERS},
        _S.DECLINED: {_S.PLANNED} | _ANSWERS,
        _S.WITHDRAWN: set(),
    }

    kind: Mapped[str] = mapped_column(String(16))
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))
    prescription_external_id: Mapped[str | None] = mapped_column(String(100))
    prescription_id: Mapped[str | None] = mapped_column(ForeignKey("prescriptions.id"))
    made_id: Mapped[str | None] = mapped_column(ForeignKey("prescriptions.id"))
    visit_id: Mapped[str | None] = mapped_column(String(40))
    provider_id: Mapped[str | None] = mapped_column(ForeignKey("providers.id"))
    sku: Mapped[str | None] = mapped_column(String(60))
    face_sealed: Mapped[bytes | None] = sealed("face", nullable=True)
    face: SealedOrNone[str] = SealedOrNone("face_sealed", str)
    external_id: Mapped[str | None] = mapped_column(String(100), unique=True)
    raw_status: Mapped[str] = mapped_column(String(60), default="")
    business_status: Mapped[str] = public(String(100), default="")
    reason: Mapped[str] = public(String(60), default="")
    note: Mapped[str] = pii(String(500), default="")
    failure_code: Mapped[str | None] = public(String(100))
    failure_reason: Mapped[str | None] = mapped_column(String(500))
    says: Mapped[str] = mapped_column(String(300))
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str] = mapped_column(String(40))
    trace_id: Mapped[str] = mapped_column(String(40))
    source_version: Mapped[str | None] = public(String(64))
    source_updated_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime | None]

    @property
    def final(self) -> bool:
        return self.status not in REQUEST_OPEN

    @property
    def lane(self) -> str:
        """What is asked about one prescription goes in order; new ones of a customer do, too."""
        return f"healthcare:{self.prescription_id or self.customer_id}"

    @classmethod
    def of_ref(cls, ref: str | None) -> PrescriptionRequest | None:
        """The one for which the vendor made something, by the reference that it was given: our promise's, or its id."""
        if not ref:
            return None
        subject = select(Promise.subject_id).where(Promise.ref == ref).scalar_subquery()
        return db.session.scalar(select(cls).where(cls.id.in_([subject, ref])))

    @classmethod
    def of_prescription(cls, prescription_id: str) -> Sequence[PrescriptionRequest]:
        """The newest first."""
        query = select(cls).where(cls.prescription_id == prescription_id)
        return db.session.scalars(query.order_by(cls.created_at.desc(), cls.id.desc())).all()

    @classmethod
    def open_of(cls, prescription_id: str, kind: RequestKind) -> PrescriptionRequest | None:
        """The one of its kind that has no end yet."""
        return db.session.scalar(
            select(cls)
            .where(cls.prescription_id == prescription_id, cls.kind == kind, cls.status.in_(REQUEST_OPEN))
            .limit(1)
        )
