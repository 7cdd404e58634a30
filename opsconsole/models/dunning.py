"""What is done about one invoice that was not paid: each try, what the customer was told, and how it ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import public
from ._record import Stateful, Status, one_of


class DunningStatus(Status):
    RUNNING = (
        "running",
        "The invoice is not paid. The card is tried and the customer told on the days of the policy.",
    )
    RECOVERED = "recovered", "The invoice was paid."
    STOPPED = (
        "stopped",
        "Somebody stopped it, or there is nothing left to collect. The console does no more about it.",
    )
    ENDED = "ended", "It was not paid until the last day: what the policy says happened."


_S = DunningStatus


class Dunning(Stateful):
    """`started_at` is the first no, from which all days are counted: nothing moves them. `step` is how many steps of its
    policy have passed, `next_step_at` when the next is due. `tried` counts the processor's automatic tries that are known.

    `attempts` are {"at", "by", "code", "advice", "change"}: who had the card tried, the decline code and what the processor
    advises then, and the change by which the console asked. `tells` is the message that goes out once it is known why the
    card was declined. `hard`: no card is tried any more. `why` says why it stopped.
    """

    __tablename__ = "dunnings"
    __table_args__ = (
        one_of("status", DunningStatus),
        Index("dunnings_created_idx", "created_at", "id"),
        Index("dunnings_status_created_idx", "status", "created_at", "id"),
        Index("dunnings_customer_idx", "customer_id", "created_at", "id"),
        Index("dunnings_subscription_idx", "subscription_id", "created_at", "id"),
        Index("dunnings_due_idx", "next_step_at", "id", postgresql_where="status = 'running'"),
        Index("dunnings_hard_idx", "created_at", "id", postgresql_where="hard and status = 'running'"),
    )
    PREFIX, PLURAL = "dun", "dunnings"
    TOLD = ("status", "decline_code", "hard", "next_step_at", "why")
    BELONGS_TO = ("invoice_id", "subscription_id", "customer_id")
    STATUS = DunningStatus
    MOVES = {
        _S.RUNNING: {_S.RECOVERED, _S.STOPPED, _S.ENDED},
        _S.STOPPED: {_S.RECOVERED},  # paid all the same
        _S.ENDED: {_S.RECOVERED},
        _S.RECOVERED: set(),
    }

    invoice_id: Mapped[str] = mapped_column(ForeignKey("invoices.id"), unique=True)
    subscription_id: Mapped[str | None] = mapped_column(ForeignKey("subscriptions.id"))
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))
    policy_id: Mapped[str] = mapped_column(ForeignKey("lifecycle_policies.id"))
    started_at: Mapped[datetime]
    step: Mapped[int] = mapped_column(default=0)
    next_step_at: Mapped[datetime | None]
    tried: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[list[dict[str, Any]]] = public(JSONB, default=list)
    decline_code: Mapped[str | None] = public(String(60))
    hard: Mapped[bool] = mapped_column(default=False)
    tells: Mapped[str | None] = public(String(40))
    why: Mapped[str | None] = public(String(300))
    by: Mapped[str] = mapped_column(String(120))
    trace_id: Mapped[str] = mapped_column(String(40))

    @property
    def final(self) -> bool:
        return self.status == _S.RECOVERED

    @property
    def running(self) -> bool:
        return self.status == _S.RUNNING

    @classmethod
    def of_invoice(cls, invoice_id: str) -> Dunning | None:
        return db.session.scalar(select(cls).where(cls.invoice_id == invoice_id))

    @classmethod
    def of_subscription(cls, subscription_id: str, limit: int = 10) -> list[Dunning]:
        """The newest first."""
        query = select(cls).where(cls.subscription_id == subscription_id)
        return list(db.session.scalars(query.order_by(cls.created_at.desc(), cls.id.desc()).limit(limit)))
