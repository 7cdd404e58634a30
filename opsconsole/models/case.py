"""One thing a person must look at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model
from ._classes import public
from ._record import Stateful, Status, one_of
from .holder import Team


class CaseStatus(Status):
    OPEN = "open", "Waits for somebody: take it, then do what it suggests."
    RESOLVED = "resolved", "Dealt with; its timeline says how."


class Case(Stateful):
    """`subject_id` is what it is about, `behind_id` the promise or event that waits for its outcome.
    `says` is one sentence of evidence, `suggests` the next act: {"act", "url", "label"}.

    `team` is whose work it is, `vendor` the port that is at fault, if one is; those of one `fingerprint` have one cause
    and may have one fix. It is worth a look from `warn_at` on and lasts too long from `due_at` on. `urgency` orders the
    queue, the smallest first, as that of what is stuck.

    `owner_id` has it since `claimed_at` and was last seen at work on it at `seen_at` (None: it was handed to them and they
    have not looked yet). It is put away until `snoozed_until`, and comes back earlier when something happens. `passed_by`
    is who gave it away last, `resolved_by` the person who ended it, and `reopened_at` when it was there again after that.
    """

    __tablename__ = "cases"
    __table_args__ = (
        one_of("status", CaseStatus),
        one_of("team", Team),
        Index("cases_open_key", "reason", "subject_id", unique=True, postgresql_where="status = 'open'"),
        Index("cases_status_created_idx", "status", "created_at", "id"),
        # What is open is little, however much was resolved: every filter of the worklist reads along this one.
        Index("cases_status_urgency_idx", "status", "urgency", "id"),
        Index("cases_urgency_idx", "urgency", "id"),
        Index("cases_created_idx", "created_at", "id"),
        Index("cases_reason_created_idx", "reason", "created_at", "id"),
        Index("cases_owner_created_idx", "owner_id", "created_at", "id"),
        Index("cases_vendor_created_idx", "vendor", "created_at", "id"),
        Index("cases_fingerprint_created_idx", "fingerprint", "created_at", "id"),
        Index("cases_resolved_idx", "resolved_at", postgresql_where="resolved_at is not null"),
        Index(
            "cases_resolved_by_idx", "resolved_by", "resolved_at", postgresql_where="resolved_by is not null"
        ),
        Index("cases_subject_idx", "subject_id"),
        Index("cases_trace_idx", "trace_id"),
        Index("cases_about_idx", "about", postgresql_using="gin"),
        Index("cases_incident_idx", "incident_id", postgresql_where="incident_id is not null"),
    )
    PREFIX, PLURAL = "cas", "cases"
    TOLD = ("status", "reason", "says", "owner_id", "team", "snoozed_until", "outcome")
    STATUS = CaseStatus
    MOVES = {CaseStatus.OPEN: {CaseStatus.RESOLVED}, CaseStatus.RESOLVED: set()}

    reason: Mapped[str] = public(String(60))
    subject_id: Mapped[str] = mapped_column(String(80))
    behind_id: Mapped[str | None] = mapped_column(String(40))
    says: Mapped[str] = mapped_column(Text)
    suggests: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    team: Mapped[str] = public(String(12), server_default="ops")
    vendor: Mapped[str | None] = public(String(40))
    fingerprint: Mapped[str] = public(String(80), server_default="")
    warn_at: Mapped[datetime] = mapped_column(server_default=sql("instant() + interval '1 hour'"))
    due_at: Mapped[datetime] = mapped_column(server_default=sql("instant() + interval '4 hours'"))
    urgency: Mapped[int] = mapped_column(
        BigInteger, server_default=sql("200000014400 + extract(epoch from instant())::bigint")
    )
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    incident_id: Mapped[str | None] = mapped_column(ForeignKey("incidents.id"))  # the outage that opened it
    claimed_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    snoozed_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    snoozed_why: Mapped[str | None] = public(Text)
    snoozed_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    passed_by: Mapped[str | None] = public(String(40))
    passed_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(40))
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = public(String(40))
    reopened_at: Mapped[datetime | None]
    trace_id: Mapped[str] = mapped_column(String(40))
    entry_id: Mapped[str | None] = mapped_column(String(40))
    about: Mapped[list[str]] = mapped_column(ARRAY(String(40)), default=list)


class CaseLook(Model):
    """Who has a case's page open: since when, and when it last asked for news. One row each, used again."""

    __tablename__ = "case_looks"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]
