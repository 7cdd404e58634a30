"""What we owe an outside system: one call each, its attempts, and the breaker of each vendor method."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, Text, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model, db
from ._classes import pii, public
from ._record import Record, Stateful, Status, one_of


class PromiseStatus(Status):
    WAITING = "waiting", "Due later, or next in its lane. It goes out by itself."
    CLAIMED = "claimed", "A worker is calling the vendor right now."
    KEPT = "kept", "The vendor did it, or somebody did it by other means."
    MANUAL_INTERVENTION = (
        "manual_intervention",
        "It cannot go on by itself: its case says why and what to do.",
    )
    DISMISSED = (
        "dismissed",
        "It need not happen: somebody decided so, or the vendor said no and what follows that is settled.",
    )
    WITHDRAWN = "withdrawn", "Undone before the vendor was asked."


_S = PromiseStatus


class Promise(Stateful):
    """`ref` never changes; the vendor's key is `ref:round`. `request` is what the first attempt of the
    round sent. `maybe_done` says that an attempt may have had its effect. `fence` counts claims: a
    result that carries an older one is not taken."""

    __tablename__ = "promises"
    __table_args__ = (
        one_of("status", PromiseStatus),
        Index("promises_lane_claimed_key", "lane", unique=True, postgresql_where="status = 'claimed'"),
        Index(
            "promises_lane_open_idx", "lane", "position", postgresql_where="status in ('waiting', 'claimed')"
        ),
        Index("promises_due_idx", "due_at", postgresql_where="status = 'waiting'"),
        Index("promises_claimed_idx", "id", postgresql_where="status = 'claimed'"),
        Index("promises_subject_idx", "subject_id"),
        Index("promises_trace_idx", "trace_id"),
        Index("promises_created_idx", "created_at", "id"),
        Index("promises_about_idx", "about", postgresql_using="gin"),
        Index("promises_status_created_idx", "status", "created_at", "id"),
        Index("promises_kind_created_idx", "kind", "created_at", "id"),
        Index("promises_port_created_idx", "port", "created_at", "id"),
        Index("promises_lane_idx", "lane"),
    )
    PREFIX, PLURAL = "prm", "promises"
    STATUS = PromiseStatus
    MOVES = {
        # The vendor may tell by webhook that a call whose answer was lost had been done.
        _S.WAITING: {_S.CLAIMED, _S.KEPT, _S.WITHDRAWN, _S.MANUAL_INTERVENTION},
        _S.CLAIMED: {_S.WAITING, _S.KEPT, _S.MANUAL_INTERVENTION, _S.DISMISSED},
        _S.MANUAL_INTERVENTION: {_S.WAITING, _S.KEPT, _S.DISMISSED},
        _S.KEPT: set(), _S.DISMISSED: set(), _S.WITHDRAWN: set(),
    }  # fmt: skip

    kind: Mapped[str] = mapped_column(String(60))  # the keeper, "refunds.send"
    port: Mapped[str] = mapped_column(String(30))
    method: Mapped[str] = mapped_column(String(40))
    arguments: Mapped[dict[str, Any]] = pii(JSONB)
    request: Mapped[dict[str, Any] | None] = pii(JSONB(none_as_null=True))
    subject_id: Mapped[str] = mapped_column(String(40))
    lane: Mapped[str] = mapped_column(String(300))
    position: Mapped[int] = mapped_column(BigInteger, Identity())
    after_id: Mapped[str | None] = mapped_column(ForeignKey("promises.id"))
    says: Mapped[str] = mapped_column(Text)
    trace_id: Mapped[str] = mapped_column(String(40))
    entry_id: Mapped[str] = mapped_column(String(40))  # the audit entry of the act that made it
    about: Mapped[list[str]] = mapped_column(ARRAY(String(40)), default=list)
    due_at: Mapped[datetime]
    ref: Mapped[str] = mapped_column(String(40), unique=True)
    round: Mapped[int] = mapped_column(default=1)
    round_started_at: Mapped[datetime | None]  # the vendor's key is as old as this
    tried_since: Mapped[datetime | None]  # patience ends a day after this; a person's retry renews it
    attempts: Mapped[int] = mapped_column(default=0)
    faults: Mapped[int] = mapped_column(default=0)  # attempts that ended in a bug of ours
    maybe_done: Mapped[bool] = mapped_column(default=False)
    fence: Mapped[int] = mapped_column(default=0)
    last_words: Mapped[str | None] = mapped_column(Text)

    @property
    def key(self) -> str:
        return f"{self.ref}:{self.round}"

    def tries(self) -> list[Attempt]:
        query = select(Attempt).where(Attempt.promise_id == self.id).order_by(Attempt.started_at, Attempt.id)
        return list(db.session.scalars(query))


class Attempt(Record):
    """One try of a promise. `outcome` is null while it runs; `lost` means that its worker died."""

    __tablename__ = "attempts"
    __table_args__ = (
        Index("attempts_promise_idx", "promise_id", "started_at"),
        Index("attempts_request_idx", "request_id", postgresql_where="request_id is not null"),
        Index("attempts_created_idx", "created_at", "id"),
        Index("attempts_vendor_created_idx", "vendor", "created_at", "id"),
    )
    PREFIX, PLURAL = "att", "attempts"

    promise_id: Mapped[str] = mapped_column(ForeignKey("promises.id"))
    vendor: Mapped[str | None] = public(
        String(40)
    )  # whom it asked, by its system's port; none of one older than this
    round: Mapped[int]
    fence: Mapped[int]
    worker: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(20))  # kept, unavailable, declined, error, lost
    maybe_done: Mapped[bool] = mapped_column(default=False)
    code: Mapped[str | None] = mapped_column(String(100))
    words: Mapped[str | None] = mapped_column(Text)
    http_status: Mapped[int | None]
    request_id: Mapped[str | None] = mapped_column(String(100))
    answer: Mapped[dict[str, Any] | None] = pii(JSONB(none_as_null=True))


class Breaker(Model):
    """One per vendor method: open while the vendor fails, with one probe at a time."""

    __tablename__ = "breakers"

    port: Mapped[str] = mapped_column(String(30), primary_key=True)
    method: Mapped[str] = mapped_column(String(40), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    lanes: Mapped[list[str]] = mapped_column(ARRAY(String(300)), default=list)
    opened_at: Mapped[datetime | None]
    probe_at: Mapped[datetime | None]
    probes: Mapped[int] = mapped_column(default=0)
    words: Mapped[str | None] = mapped_column(Text)


class Pacing(Model):
    """How fast calls may go out: `free_at` is the next free place. One row for the calls, one for what is planned."""

    __tablename__ = "pacings"

    name: Mapped[str] = public(String(60), primary_key=True)
    free_at: Mapped[datetime]
