"""What the outside told us: each thing once, never changed, only settled."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import DateTime, Index, String, Text, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model, db, instant
from ._classes import Sealed, pii, sealed
from ._record import Record, Stateful, Status, one_of


class EventStatus(Status):
    RECEIVED = "received", "Recorded; a worker settles it in a moment."
    SETTLED = "settled", "An act took in what it says."
    IGNORED = "ignored", "Nothing here depends on it."
    MANUAL_INTERVENTION = "manual_intervention", "It could not be settled: a case says why."


_S = EventStatus


class InboxEvent(Stateful):
    """`body` is what arrived, byte for byte. `via` is webhook or sweep. Settling is written beside it."""

    __tablename__ = "inbox_events"
    __table_args__ = (
        one_of("status", EventStatus),
        UniqueConstraint("source", "external_id"),
        Index("inbox_events_due_idx", "due_at", postgresql_where="status = 'received'"),
        Index("inbox_events_object_idx", "source", "object_id", postgresql_where="status = 'received'"),
        Index("inbox_events_created_idx", "created_at", "id"),
        Index("inbox_events_status_created_idx", "status", "created_at", "id"),
        Index("inbox_events_source_created_idx", "source", "created_at", "id"),
        Index("inbox_events_kind_created_idx", "kind", "created_at", "id"),
        Index("inbox_events_about_object_idx", "object_id"),
        Index("inbox_events_external_id_idx", "external_id"),
        Index("inbox_events_trace_idx", "trace_id"),
        Index("inbox_events_about_idx", "about", postgresql_using="gin"),
    )
    PREFIX, PLURAL = "inb", "inbox"
    STATUS = EventStatus
    MOVES = {
        _S.RECEIVED: {_S.SETTLED, _S.IGNORED, _S.MANUAL_INTERVENTION},
        _S.MANUAL_INTERVENTION: {_S.RECEIVED, _S.SETTLED, _S.IGNORED},
        _S.SETTLED: set(),
        _S.IGNORED: {_S.SETTLED},
    }

    source: Mapped[str] = mapped_column(String(40))
    external_id: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(200))
    object_kind: Mapped[str] = mapped_column(String(30))
    object_id: Mapped[str | None] = mapped_column(String(255))
    occurred_at: Mapped[datetime]
    via: Mapped[str] = mapped_column(String(20))
    body_sealed: Mapped[bytes] = sealed("body")
    body = Sealed("body_sealed", bytes)

    @property
    def size(self) -> int:
        """How many bytes arrived."""
        return len(self.body)

    trace_id: Mapped[str | None] = mapped_column(String(40))
    attempts: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[datetime] = mapped_column(server_default=instant())
    settled_by: Mapped[str | None] = mapped_column(String(40))  # the audit entry of the settling act
    words: Mapped[str | None] = mapped_column(Text)
    about: Mapped[list[str]] = mapped_column(ARRAY(String(40)), server_default="{}")


class RejectedDelivery(Record):
    """A small sample of deliveries that were not authentic or not readable. Never in the inbox."""

    __tablename__ = "rejected_deliveries"
    __table_args__ = (Index("rejected_deliveries_created_idx", "created_at"),)
    PREFIX, PLURAL = "rej", "rejected"

    source: Mapped[str] = mapped_column(String(40))
    why: Mapped[str] = mapped_column(String(200))
    address: Mapped[str | None] = pii(String(60))
    size: Mapped[int]
    sample_sealed: Mapped[bytes] = sealed("sample")
    sample = Sealed("sample_sealed", bytes)


class RejectedCount(Model):
    """How many deliveries of a source were refused on a day, and why. `recent` are the instants of the last three, the
    newest first."""

    __tablename__ = "rejected_counts"

    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    why: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int]
    recent: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)), server_default="{}")


class SweepStatus(Status):
    RUNNING = "running", "The vendor's list of events is being read, page by page."
    DONE = "done", "Every event the vendor lists is in the inbox."


class Sweep(Stateful):
    """One pass over a vendor's list of events. `seen` were listed, `missed` had never reached us."""

    __tablename__ = "sweeps"
    __table_args__ = (one_of("status", SweepStatus), Index("sweeps_source_idx", "source", "created_at"))
    PREFIX, PLURAL = "swp", "inbox/sweeps"
    STATUS = SweepStatus
    MOVES = {SweepStatus.RUNNING: {SweepStatus.DONE}, SweepStatus.DONE: set()}

    source: Mapped[str] = mapped_column(String(40))
    since: Mapped[datetime]
    seen: Mapped[int] = mapped_column(default=0)
    missed: Mapped[int] = mapped_column(default=0)

    @classmethod
    def next_since(cls, source: str, at: datetime) -> datetime:
        """From when on a sweep that begins `at` has to read: since the last one began, an hour earlier because clocks
        differ and events are listed late; at most thirty days, which is how long Stripe lists them. In whole hours, so
        that a preview's hash holds for a while."""
        last = db.session.scalar(
            select(cls.created_at)
            .where(cls.source == source, cls.status == SweepStatus.DONE)
            .order_by(cls.created_at.desc())
            .limit(1)
        )
        reach = (at - timedelta(days=30)).replace(minute=0, second=0, microsecond=0)
        return max(last - timedelta(hours=1), reach) if last else reach
