"""What does not go on: one spell per subject and cause, and the facts from which the next look is planned."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model, instant
from ._classes import public
from ._record import Record, Status, one_of
from .holder import Holder, Team


class StuckStatus(Status):
    STUCK = "stuck", "It does not go on. Its cause, what shows it and what to do stand on its page."
    CLEARED = "cleared", "What it waited for came, or somebody put it right."


class Stuck(Record):
    """`subject_id` was stuck for `code` from `began_at` until `ended_at`. A subject has one that is open at most.

    `since` is when the wait began, `warn_at` when it became worth telling, `breach_at` when it lasts too long. What
    stands `behind_id`, another one of the same order, or under an incident, is not counted on its own. `urgency` orders the
    queue, the smallest first. `details` are ids, codes and instants from which the sentence is made, no health data.
    `runs_out_on` is the day on which the customer has no medicine left.
    """

    __tablename__ = "stuck"
    __table_args__ = (
        one_of("status", StuckStatus),
        one_of("ball", Holder),
        one_of("team", Team),
        CheckConstraint("(status = 'stuck') = (ended_at is null)", name="ended"),
        Index("stuck_open_key", "subject_id", unique=True, postgresql_where="ended_at is null"),
        Index("stuck_urgency_idx", "urgency", "id"),
        Index("stuck_status_urgency_idx", "status", "urgency", "id"),
        Index("stuck_code_urgency_idx", "code", "urgency", "id"),
        Index("stuck_status_created_idx", "status", "created_at", "id"),
        Index("stuck_created_idx", "created_at", "id"),
        Index("stuck_code_created_idx", "code", "created_at", "id"),
        Index("stuck_ended_idx", "ended_at", postgresql_where="ended_at is not null"),
        Index("stuck_subject_idx", "subject_id", "began_at"),
        Index("stuck_order_idx", "order_id"),
        Index("stuck_customer_idx", "customer_id"),
        Index("stuck_case_idx", "case_id"),
        Index("stuck_incident_idx", "incident_id", postgresql_where="incident_id is not null"),
    )
    PREFIX, PLURAL = "stk", "stuck"
    BELONGS_TO = ("subject_id",)

    status: Mapped[str] = mapped_column(String(24), default=StuckStatus.STUCK)
    subject_id: Mapped[str] = mapped_column(String(40))
    subject_noun: Mapped[str] = mapped_column(String(20))  # order, refund, renewal …
    order_id: Mapped[str | None] = mapped_column(ForeignKey("orders.id"))
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))
    code: Mapped[str] = mapped_column(String(30))
    ball: Mapped[str] = public(String(12))
    team: Mapped[str] = public(String(12))
    vendor: Mapped[str | None] = public(String(30))  # the port that it waits for
    pharmacy_id: Mapped[str | None] = mapped_column(ForeignKey("pharmacies.id"))
    sku: Mapped[str | None] = public(String(60))
    since: Mapped[datetime]
    began_at: Mapped[datetime]
    warn_at: Mapped[datetime]
    breach_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended: Mapped[str | None] = public(String(20))  # cleared | another_cause
    details: Mapped[dict[str, Any]] = public(JSONB)
    fingerprint: Mapped[str] = public(String(80))
    urgency: Mapped[int] = mapped_column(BigInteger)
    runs_out_on: Mapped[date | None]
    behind_id: Mapped[str | None] = mapped_column(ForeignKey("stuck.id"))
    incident_id: Mapped[str | None] = mapped_column(String(40))
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"))

    @property
    def state(self) -> StuckStatus:
        return StuckStatus(self.status)

    @property
    def final(self) -> bool:
        return self.ended_at is not None


class StuckFact(Model):
    """One per subject of which anything is awaited: what may become its cause, and when that next changes."""

    __tablename__ = "stuck_facts"
    __table_args__ = (
        Index("stuck_facts_next_idx", "next_at", postgresql_where="next_at is not null"),
        Index("stuck_facts_customer_idx", "customer_id"),
    )

    subject_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    customer_id: Mapped[str | None] = mapped_column(String(40))
    awaited: Mapped[list[Any]] = public(JSONB)  # [[code, since, warn_at, breach_at]]
    next_at: Mapped[datetime | None]
    looked_at: Mapped[datetime] = mapped_column(server_default=instant())


class StuckCursor(Model):
    """One row: up to which sealed audit entry the diagnosis has looked, and when it last looked at everything."""

    __tablename__ = "stuck_cursor"
    __table_args__ = (CheckConstraint("single", name="one_row"),)

    single: Mapped[bool] = mapped_column(primary_key=True, default=True)
    number: Mapped[int] = mapped_column(BigInteger, default=0)
    whole_at: Mapped[datetime | None]
