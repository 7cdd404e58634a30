"""One fill: what a pharmacy makes up and ships of an order, and how far it has come."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import pii, public
from ._record import Stateful, Status, one_of
from .pharmacy import Pharmacy


class FillStatus(Status):
    QUEUED = "queued", "Written down here; the pharmacy has not been asked yet."
    SENT = "sent", "The pharmacy was asked. It has not confirmed yet."
    ACKNOWLEDGED = "acknowledged", "The pharmacy has checked it and will make it up. Wait."
    TRIAGE = (
        "triage",
        "The pharmacy's own staff resolves something. It goes on by itself: send nothing again.",
    )
    EXCEPTION = "exception", "The pharmacy waits for our answer. Its case says which."
    FILLING = "filling", "It is being made up."
    DISPENSED = "dispensed", "It is made up and waits for the carrier."
    PARTIAL = "partial", "Only a part of it is made up. The pharmacy sends the rest later."
    SHIPPED = "shipped", "It left the pharmacy. The carrier has the last word."
    ERROR = "error", "The pharmacy could not take it. Put right what its case says, then resend it."
    REJECTED = "rejected", "The pharmacy will not fill it after all. Its case says why and what to do."
    CANCEL_REQUESTED = "cancel_requested", "The pharmacy was asked to stop and has not answered yet."
    CANCEL_DENIED = "cancel_denied", "The pharmacy would not stop: it will ship. A case says what to do."
    CANCELED = "canceled", "Nothing will be made up."
    WITHDRAWN = "withdrawn", "Undone before the pharmacy was asked."


_S = FillStatus
_TOLD = {
    _S.ACKNOWLEDGED, _S.TRIAGE, _S.EXCEPTION, _S.FILLING, _S.DISPENSED, _S.PARTIAL, _S.SHIPPED, _S.ERROR, _S.REJECTED,
    _S.CANCELED,
}  # fmt: skip
_UNDER_WAY = {_S.ACKNOWLEDGED, _S.TRIAGE, _S.EXCEPTION, _S.FILLING, _S.DISPENSED, _S.PARTIAL}
EXCEPTIONAL = (_S.TRIAGE, _S.EXCEPTION, _S.ERROR, _S.REJECTED, _S.CANCEL_DENIED)  # what somebody looks at
_LOOKED_AT = "status in ('triage', 'exception', 'error', 'rejected', 'cancel_denied')"
_HOLDS_ITS_PLACE = "status not in ('canceled', 'withdrawn')"


class Fill(Stateful):
    """`number` counts the fills of a prescription from 1. `items` are the order's lines as the pharmacy is asked for
    them: [{"line", "sku", "quantity"}], and `line_set` stands for which lines these are: of one set there is one fill
    that is not canceled or undone, ever, so that nothing is made up twice.

    `replaces_fill_id` is the fill that its pharmacy makes good by this one, without using another of the prescription: it
    has the number of that one, which is nobody else's.

    `moves_to_id` is the pharmacy to which it goes once this one has stopped it, and not before.

    `code` is our code for what is wrong, `vendor_code` the pharmacy's; `due_on` the day from which it may be filled.
    `answer` is what we answered last; `why` says why this pharmacy, `routing_id` by which version of the rules, and
    `considered` why not another: [{"pharmacy": id, "why_not": words}]. `chosen`: a person named it, and no rule.
    """

    __tablename__ = "fills"
    __table_args__ = (
        one_of("status", FillStatus),
        CheckConstraint("number > 0", name="number"),
        Index("fills_line_set_key", "order_id", "line_set", unique=True, postgresql_where=_HOLDS_ITS_PLACE),
        Index(
            "fills_number_key", "prescription_id", "number", unique=True,
            postgresql_where=f"{_HOLDS_ITS_PLACE} and replaces_fill_id is null",
        ),
        Index(
            "fills_external_key", "external_id", "pharmacy_id", unique=True,
            postgresql_where="external_id is not null",
        ),
        Index("fills_created_idx", "created_at", "id"),
        Index("fills_status_created_idx", "status", "created_at", "id"),
        Index("fills_pharmacy_created_idx", "pharmacy_id", "created_at", "id"),
        Index("fills_code_created_idx", "code", "created_at", "id", postgresql_where="code is not null"),
        Index("fills_exception_created_idx", "created_at", "id", postgresql_where=_LOOKED_AT),
        Index("fills_order_idx", "order_id", "created_at"),
        Index("fills_customer_idx", "customer_id", "created_at"),
        Index("fills_external_idx", "external_id", postgresql_where="external_id is not null"),
        Index("fills_tracking_idx", "tracking_number", postgresql_where="tracking_number is not null"),
    )  # fmt: skip
    PREFIX, PLURAL = "fil", "fills"
    TOLD = (
        "status",
        "pharmacy_id",
        "number",
        "replaces_fill_id",
        "moves_to_id",
        "code",
        "carrier",
        "tracking_number",
        "answer",
    )
    BELONGS_TO = ("order_id", "customer_id")
    STATUS = FillStatus
    MOVES = {
        _S.QUEUED: {_S.SENT, _S.WITHDRAWN} | _TOLD,
        _S.SENT: {_S.QUEUED, _S.CANCEL_REQUESTED} | _TOLD,
        **{status: (_TOLD - {status, _S.ERROR}) | {_S.CANCEL_REQUESTED} for status in _UNDER_WAY},
        _S.ERROR: {_S.QUEUED} | (_TOLD - {_S.ERROR}),
        _S.REJECTED: {_S.QUEUED} | (_TOLD - {_S.REJECTED, _S.ERROR}),
        _S.CANCEL_REQUESTED: {_S.CANCELED, _S.CANCEL_DENIED, _S.SHIPPED, _S.REJECTED},
        # A no is no end: it goes on, and somebody may ask again.
        _S.CANCEL_DENIED: {
            _S.CANCEL_REQUESTED, _S.CANCELED, _S.DISPENSED, _S.PARTIAL, _S.SHIPPED, _S.REJECTED, _S.TRIAGE,
            _S.EXCEPTION,
        },
        _S.SHIPPED: set(),
        _S.CANCELED: {_S.SHIPPED},  # the parcel may have left all the same
        _S.WITHDRAWN: set(),
    }  # fmt: skip

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    pharmacy_id: Mapped[str] = mapped_column(ForeignKey("pharmacies.id"))
    prescription_id: Mapped[str] = mapped_column(String(100))
    number: Mapped[int]
    replaces_fill_id: Mapped[str | None] = mapped_column(ForeignKey("fills.id"))
    moves_to_id: Mapped[str | None] = mapped_column(ForeignKey("pharmacies.id"))
    items: Mapped[list[dict[str, Any]]] = public(JSONB)
    line_set: Mapped[str] = public(String(64))
    why: Mapped[str] = mapped_column(String(300))
    considered: Mapped[list[dict[str, str]]] = public(JSONB, default=list, server_default=text("'[]'"))
    chosen: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    routing_id: Mapped[str | None] = mapped_column(ForeignKey("routing.id"))
    external_id: Mapped[str | None] = mapped_column(String(100))
    raw_status: Mapped[str] = mapped_column(String(60), default="")
    code: Mapped[str | None] = mapped_column(String(60))
    vendor_code: Mapped[str | None] = public(String(60))
    due_on: Mapped[date | None]
    answer: Mapped[str | None] = public(String(60))
    carrier: Mapped[str | None] = public(String(60))
    tracking_number: Mapped[str | None] = pii(String(100))
    by: Mapped[str] = mapped_column(String(120))
    trace_id: Mapped[str] = mapped_column(String(40))
    fetched_at: Mapped[datetime | None]

    @property
    def final(self) -> bool:
        return self.status in (_S.SHIPPED, _S.CANCELED, _S.WITHDRAWN)

    @property
    def lane(self) -> str:
        """What the pharmacies are asked about one fill goes one after the other; an order's other fills do not wait."""
        return f"pharmacy:{self.id}"

    @property
    def called(self) -> str:
        return f"fill at {self.pharmacy.name}, {self.prescription_id}"

    @property
    def pharmacy(self) -> Pharmacy:
        return Pharmacy.require(self.pharmacy_id)

    @classmethod
    def by_external(cls, adapter: str, external_id: str) -> Fill | None:
        """The fill that the pharmacies of this adapter know by that id."""
        query = select(cls).join(Pharmacy, Pharmacy.id == cls.pharmacy_id)
        return db.session.scalar(query.where(Pharmacy.adapter == adapter, cls.external_id == external_id))

    @classmethod
    def of_prescription(cls, external_id: str) -> list[Fill]:
        """What was filled from a prescription, the newest first."""
        query = select(cls).where(cls.prescription_id == external_id)
        return list(db.session.scalars(query.order_by(cls.number.desc(), cls.id.desc())))

    @classmethod
    def of_order(cls, order_id: str) -> list[Fill]:
        """The order's fills, the newest first."""
        query = select(cls).where(cls.order_id == order_id).order_by(cls.created_at.desc(), cls.id.desc())
        return list(db.session.scalars(query))
