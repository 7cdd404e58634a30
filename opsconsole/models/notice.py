"""What a customer is told of before it happens: of one date, once, within its window, with the proof that it was sent."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import public
from ._record import Stateful, Status, one_of
from .lifecycle_policy import NoticeKind


class NoticeStatus(Status):
    DUE = "due", "It is sent on its day, if the date is still the same then."
    SENT = "sent", "The customer was told, by the message that it names."
    CORRECTED = "corrected", "The customer was told; then the date moved, and they were told that too."
    CANCELED = "canceled", "The date moved, or is none any more, before anybody was told of it."
    MISSED = "missed", "Its window closed before it was sent."


_S = NoticeStatus


class Notice(Stateful):
    """`about_on` is the day it speaks of, where the customer lives (`zone`); it may be sent from `opens_on` to `closes_on`,
    and is at `due_at`. `law`: a law asks for it, `source` names what does. `message_id` is the proof, `correction_id` the
    message that took it back and `corrected_to` the date that told. `moved`: the date that the customer was told last is
    not so any more, and they are yet to hear it."""

    __tablename__ = "notices"
    __table_args__ = (
        one_of("status", NoticeStatus),
        one_of("kind", NoticeKind),
        CheckConstraint("opens_on <= closes_on and closes_on <= about_on", name="window"),
        CheckConstraint("(status = 'sent' or status = 'corrected') = (message_id is not null)", name="proof"),
        # Told of one date once: whatever the code does, the database refuses a second.
        Index(
            "notices_once_key", "subscription_id", "kind", "about_on", unique=True,
            postgresql_where="status in ('due', 'sent')",
        ),
        Index("notices_created_idx", "created_at", "id"),
        Index("notices_status_created_idx", "status", "created_at", "id"),
        Index("notices_subscription_idx", "subscription_id", "created_at", "id"),
        Index("notices_customer_idx", "customer_id", "created_at", "id"),
        Index("notices_due_idx", "due_at", "id", postgresql_where="status = 'due'"),
        Index("notices_moved_idx", "id", postgresql_where="moved"),
    )  # fmt: skip
    PREFIX, PLURAL = "ntc", "notices"
    TOLD = ("status", "kind", "about_on", "due_at", "moved")
    BELONGS_TO = ("subscription_id", "customer_id")
    STATUS = NoticeStatus
    MOVES = {
        _S.DUE: {_S.SENT, _S.CANCELED, _S.MISSED},
        _S.SENT: {_S.CORRECTED},
        _S.CORRECTED: set(),
        _S.CANCELED: set(),
        _S.MISSED: set(),
    }

    subscription_id: Mapped[str] = mapped_column(ForeignKey("subscriptions.id"))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    policy_id: Mapped[str] = mapped_column(ForeignKey("lifecycle_policies.id"))
    kind: Mapped[str] = mapped_column(String(12))
    about_on: Mapped[date]
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    due_at: Mapped[datetime]
    zone: Mapped[str] = public(String(40))
    law: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(String(300), default="")
    moved: Mapped[bool] = mapped_column(default=False)
    message_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id"))
    correction_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id"))
    corrected_to: Mapped[date | None]
    trace_id: Mapped[str] = mapped_column(String(40))

    @property
    def final(self) -> bool:
        return self.status not in (_S.DUE, _S.SENT)

    @property
    def told_on(self) -> date | None:
        """The date that the customer was told last by it; None while they were told of none, or that it does not hold."""
        if self.status == _S.CORRECTED:
            return self.corrected_to
        return self.about_on if self.message_id else None

    @property
    def speaks_of(self) -> NoticeKind:
        return NoticeKind(self.kind)

    @classmethod
    def of_subscription(cls, subscription_id: str, limit: int = 12) -> list[Notice]:
        """The newest first."""
        query = select(cls).where(cls.subscription_id == subscription_id)
        return list(db.session.scalars(query.order_by(cls.created_at.desc(), cls.id.desc()).limit(limit)))
