"""Emergency access: one person has opened one patient's health data, for a time, and somebody else looks at why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, and_, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db, instant
from ._classes import Sealed, SealedOrNone, pii, sealed
from ._record import Stateful, Status, one_of


class GlassStatus(Status):
    OPEN = "open", "Opened in an emergency. It ends by itself; then somebody else looks at why."
    CLOSED = "closed", "Closed by whoever opened it. Somebody else has to look at why it was opened."
    JUSTIFIED = "justified", "Somebody else looked at it and found it right."
    NOT_JUSTIFIED = "not_justified", "Somebody else looked at it and found no good reason."


_S = GlassStatus


class BrokenGlass(Stateful):
    """`by` may read the health data of `customer_id` until `expires_at`, or until closed. It is to be reviewed by
    `review_by`; `person` tells the human apart from their accounts."""

    __tablename__ = "broken_glass"
    __table_args__ = (
        one_of("status", GlassStatus),
        CheckConstraint("(reviewed_at is null) = (reviewed_by_id is null)", name="reviewed"),
        Index("broken_glass_by_idx", "by_id", "expires_at"),
        Index("broken_glass_customer_idx", "customer_id"),
        Index("broken_glass_created_idx", "created_at", "id"),
        # One human, one glass: the next one only after the review of the last.
        Index("broken_glass_unreviewed_key", "person", unique=True, postgresql_where="reviewed_at is null"),
    )
    PREFIX, PLURAL = "brg", "break-glass"
    TOLD = ("status",)
    BELONGS_TO = ("customer_id",)
    STATUS = GlassStatus
    MOVES = {
        _S.OPEN: {_S.CLOSED, _S.JUSTIFIED, _S.NOT_JUSTIFIED},
        _S.CLOSED: {_S.JUSTIFIED, _S.NOT_JUSTIFIED},
        _S.JUSTIFIED: set(),
        _S.NOT_JUSTIFIED: set(),
    }

    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    reason_sealed: Mapped[bytes] = sealed("reason")  # who writes in an emergency writes what the matter is
    reason = Sealed("reason_sealed", str)
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str] = mapped_column(String(40))
    person: Mapped[str] = pii(String(320))
    expires_at: Mapped[datetime]
    review_by: Mapped[datetime]
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[str | None] = mapped_column(String(120))
    reviewed_by_id: Mapped[str | None] = mapped_column(String(40))
    note_sealed: Mapped[bytes | None] = sealed("note", nullable=True)  # what the second person says to it
    note: SealedOrNone[str] = SealedOrNone("note_sealed", str)
    trace_id: Mapped[str] = mapped_column(String(40))

    @property
    def reviewed(self) -> bool:
        return self.reviewed_at is not None

    @classmethod
    def open_to(cls, by_id: Any) -> ColumnElement[bool]:
        """Those that somebody has open now."""
        return and_(cls.by_id == by_id, cls.status == _S.OPEN, cls.expires_at > instant())

    @classmethod
    def unreviewed_of(cls, person: str) -> BrokenGlass | None:
        """What a human opened last and nobody has looked at yet."""
        return db.session.scalar(select(cls).where(cls.person == person, cls.reviewed_at.is_(None)).limit(1))
