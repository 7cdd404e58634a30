"""Who did what: one entry per act, only ever added to; and the answers given to idempotency keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model, db, instant
from ._classes import pii
from ._record import Record, search_index, searched
from .seal import AuditSeal


class AuditEntry(Record):
    """`within` is the entry of the act that called this one. `changes` are [{"on", "field", "from", "to"}].

    `about` holds the id of every record the act touched: timelines are read from it.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("audit_entries_created_idx", "created_at", "id"),
        Index("audit_entries_act_created_idx", "act", "created_at", "id"),
        Index("audit_entries_by_created_idx", "by", "created_at", "id"),
        Index("audit_entries_trace_idx", "trace_id"),
        Index("audit_entries_about_idx", "about", postgresql_using="gin"),
        Index("audit_entries_decision_idx", "id", postgresql_where="inputs ? 'decision'"),
        Index("audit_entries_within_idx", "within", postgresql_where="within is not null"),
        search_index("audit_entries"),
    )
    PREFIX, PLURAL = "aud", "audit"

    act: Mapped[str] = mapped_column(String(60))
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str] = mapped_column(String(40))
    address: Mapped[str | None] = pii(String(60))
    subject: Mapped[str | None] = mapped_column(String(120))
    says: Mapped[str] = mapped_column(Text)
    inputs: Mapped[dict[str, Any]] = pii(JSONB)
    changes: Mapped[list[dict[str, Any]]] = pii(JSONB)
    promises: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    trace_id: Mapped[str] = mapped_column(String(40))
    parent_id: Mapped[str | None] = mapped_column(String(40))  # the event, attempt or act that led here
    within: Mapped[str | None] = mapped_column(String(40))
    about: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    search: Mapped[str] = searched(
        "lower(by || ' ' || act || ' ' || coalesce(subject, '') || ' ' || says || ' ' || "
        "coalesce(inputs ->> 'reason', '') || ' ' || coalesce(inputs ->> 'note', ''))"
    )

    def sealed_as(self) -> int | None:
        """Its number in the chain, None until the sealer came by: within a second."""
        return db.session.scalar(select(AuditSeal.number).where(AuditSeal.entry_id == self.id))


class AnswerKept(Model):
    """The answer given to an idempotency key, for ever: same key, same actor, same answer."""

    __tablename__ = "answers_kept"

    actor_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    url: Mapped[str] = mapped_column(String(300))
    digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[dict[str, Any]] = pii(JSONB)
    at: Mapped[datetime] = mapped_column(server_default=instant())
