"""Requests for an act that one person alone may not do, and what somebody's role may do alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..lib.money import Money
from ._classes import pii, public, secret
from ._record import Record, Stateful, Status, one_of


class ApprovalStatus(Status):
    WAITING = "waiting", "Somebody else with the right has to look at it. Nothing was done yet."
    APPROVED = "approved", "A second person agreed, and it was done at once."
    REJECTED = "rejected", "A second person said no. Nothing was done."
    WITHDRAWN = "withdrawn", "Whoever asked took it back. Nothing was done."
    EXPIRED = "expired", "Nobody decided within a day. Ask again if it is still needed."
    VOID = (
        "void",
        "The world changed after it was asked for, so it was not done. Ask again to see what it would do now.",
    )


_S = ApprovalStatus


class Approval(Stateful):
    """An act that waits for a second person: its inputs as they were asked, and the hash of what was seen.

    `needs` are [{"why", "measure", "total"}]: the rules that ask for a second person; `seen` is the preview.
    `person` and `device` tell who asked apart from their accounts, so that nobody approves themselves.
    """

    __tablename__ = "approvals"
    __table_args__ = (
        one_of("status", ApprovalStatus),
        Index("approvals_status_created_idx", "status", "created_at", "id"),
        Index("approvals_asked_by_idx", "asked_by_id", "created_at"),
        Index("approvals_about_idx", "about_id"),
        Index("approvals_created_idx", "created_at", "id"),
    )
    PREFIX, PLURAL = "apr", "approvals"
    TOLD = ("status", "act", "note")
    BELONGS_TO = ("about_id",)
    STATUS = ApprovalStatus
    MOVES = {status: set(_S) - {_S.WAITING} if status == _S.WAITING else set() for status in _S}

    act: Mapped[str] = mapped_column(String(60))
    about_id: Mapped[str | None] = mapped_column(String(40))
    inputs: Mapped[dict[str, Any]] = pii(JSONB)
    hash: Mapped[str] = mapped_column(String(64))
    seen: Mapped[dict[str, Any]] = pii(JSONB)
    needs: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    says: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(String(120))
    asked_by_id: Mapped[str] = mapped_column(String(40))
    person: Mapped[str] = pii(String(320), default="")
    device: Mapped[str] = secret(String(64), default="")
    decided_by: Mapped[str | None] = mapped_column(String(120))
    decided_by_id: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str] = public(Text, default="")
    expires_at: Mapped[datetime]
    trace_id: Mapped[str] = mapped_column(String(40))
    done_id: Mapped[str | None] = mapped_column(String(40))  # what the approved act made or changed


_COUNTED = {
    "customer_7d": "to one customer in 7 days",
    "customer_30d": "to one customer in 30 days",
    "actor_day": "by one person in 24 hours",
}


class Limit(Record):
    """How much of an act a role may do, by one measure, in cents of US dollars: `alone`, and `at_most` with a second
    person's approval; None is no limit."""

    __tablename__ = "limits"
    __table_args__ = (
        UniqueConstraint("role_id", "act", "measure"),
        Index("limits_created_idx", "created_at", "id"),
        CheckConstraint("alone >= 0 and (at_most is null or at_most >= alone)", name="amounts"),
    )
    PREFIX, PLURAL = "lim", "limits"
    TOLD = ("act", "measure", "alone", "at_most")
    BELONGS_TO = ("role_id",)

    role_id: Mapped[str] = mapped_column(ForeignKey("roles.id"))
    act: Mapped[str] = mapped_column(String(60))
    measure: Mapped[str] = mapped_column(String(30))
    alone: Mapped[int] = mapped_column(BigInteger)
    at_most: Mapped[int | None] = mapped_column(BigInteger)

    @property
    def counted(self) -> str:
        """What is added up, and over how long, for people."""
        return _COUNTED[self.measure]

    def tell(self, field: str, value: Any) -> Any:
        """Amounts as people write them."""
        if field not in ("alone", "at_most"):
            return super().tell(field, value)
        if value is None:
            return "any amount" if field == "at_most" else None
        return str(Money(value, "usd"))


class Delegation(Record):
    """Somebody may approve in another's place for a time."""

    __tablename__ = "delegations"
    __table_args__ = (Index("delegations_to_idx", "to_id"),)
    PREFIX, PLURAL = "dlg", "delegations"
    TOLD = ("to_id", "until", "reason")
    BELONGS_TO = ("from_id", "to_id")

    from_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    to_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    until: Mapped[datetime]
    reason: Mapped[str] = public(Text)
    ended_at: Mapped[datetime | None]
