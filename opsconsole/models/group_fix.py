"""One fix for many cases of one cause: a frozen list, and what came of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model, db
from ._classes import pii, public
from ._record import Stateful, Status, one_of


class GroupFixStatus(Status):
    PREPARED = "prepared", "The list is frozen and nothing was done yet: look at it, then start it."
    RUNNING = "running", "It was started. What is left is done when it is carried on."
    DONE = "done", "Every case of the list has its outcome."


class GroupFix(Stateful):
    """`fix` is what is done to each case: an act on it (retry, dismiss, snooze, hand_over) or "suggested". It runs as the
    one who prepared it."""

    __tablename__ = "group_fixes"
    __table_args__ = (
        one_of("status", GroupFixStatus),
        Index("group_fixes_created_idx", "created_at", "id"),
        Index("group_fixes_by_idx", "by_id", "created_at"),
    )
    PREFIX, PLURAL = "gfx", "cases/fixes"
    TOLD = ("status", "says")
    STATUS = GroupFixStatus
    MOVES = {
        GroupFixStatus.PREPARED: {GroupFixStatus.RUNNING},
        GroupFixStatus.RUNNING: {GroupFixStatus.DONE},
        GroupFixStatus.DONE: set(),
    }

    fix: Mapped[str] = public(String(20))
    says: Mapped[str] = mapped_column(Text)  # "Try 37 again at Stripe"
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str] = mapped_column(String(40))
    trace_id: Mapped[str] = mapped_column(String(40))

    @classmethod
    def noun(cls) -> str:
        return "fix of a group"

    def rows(self) -> list[GroupFixRow]:
        """Its cases, in the order in which they are done."""
        query = select(GroupFixRow).where(GroupFixRow.fix_id == self.id).order_by(GroupFixRow.position)
        return list(db.session.scalars(query))


class GroupFixRow(Model):
    """One case of a fix: the act with its inputs as they were frozen, and the hash of what it would have done then.

    `outcome` is waiting, done, refused, approval (a second person was asked) or failed; `words` say why.
    """

    __tablename__ = "group_fix_rows"
    __table_args__ = (
        UniqueConstraint("fix_id", "case_id"),
        CheckConstraint("outcome in ('waiting', 'done', 'refused', 'approval', 'failed')", name="outcome"),
    )

    fix_id: Mapped[str] = mapped_column(ForeignKey("group_fixes.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    act: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[str] = mapped_column(String(40))
    inputs: Mapped[dict[str, Any]] = pii(JSONB)
    hash: Mapped[str | None] = mapped_column(String(64))
    would: Mapped[list[str]] = public(JSONB, default=list)  # what it would change and send, in sentences
    outcome: Mapped[str] = mapped_column(String(10), default="waiting")
    words: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str | None] = mapped_column(String(80))  # of what was done, or of the request for approval
    at: Mapped[datetime | None]
