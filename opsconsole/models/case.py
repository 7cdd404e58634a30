"""One thing a person must look at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ._classes import public
from ._record import Stateful, Status, one_of


class CaseStatus(Status):
    OPEN = "open", "Waits for somebody: take it, then do what it suggests."
    RESOLVED = "resolved", "Dealt with; its timeline says how."


class Case(Stateful):
    """`subject_id` is what it is about, `behind_id` the promise or event that waits for its outcome.
    `says` is one sentence of evidence, `suggests` the next act: {"act", "url", "label"}."""

    __tablename__ = "cases"
    __table_args__ = (
        one_of("status", CaseStatus),
        Index("cases_open_key", "reason", "subject_id", unique=True, postgresql_where="status = 'open'"),
        Index("cases_status_created_idx", "status", "created_at", "id"),
        Index("cases_created_idx", "created_at", "id"),
        Index("cases_reason_created_idx", "reason", "created_at", "id"),
        Index("cases_owner_created_idx", "owner_id", "created_at", "id"),
        Index("cases_subject_idx", "subject_id"),
        Index("cases_trace_idx", "trace_id"),
        Index("cases_about_idx", "about", postgresql_using="gin"),
        Index("cases_incident_idx", "incident_id", postgresql_where="incident_id is not null"),
    )
    PREFIX, PLURAL = "cas", "cases"
    TOLD = ("status", "reason", "says", "owner_id", "outcome")
    STATUS = CaseStatus
    MOVES = {CaseStatus.OPEN: {CaseStatus.RESOLVED}, CaseStatus.RESOLVED: set()}

    reason: Mapped[str] = public(String(60))
    subject_id: Mapped[str] = mapped_column(String(80))
    behind_id: Mapped[str | None] = mapped_column(String(40))
    says: Mapped[str] = mapped_column(Text)
    suggests: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    incident_id: Mapped[str | None] = mapped_column(ForeignKey("incidents.id"))  # the outage that opened it
    outcome: Mapped[str | None] = mapped_column(String(40))
    resolved_at: Mapped[datetime | None]
    trace_id: Mapped[str] = mapped_column(String(40))
    entry_id: Mapped[str | None] = mapped_column(String(40))
    about: Mapped[list[str]] = mapped_column(ARRAY(String(40)), default=list)
