"""One e-mail to a customer: which neutral template, about what, and how far it has come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import CONTACTS, pii, public
from ._record import Stateful, Status, one_of


class MessageStatus(Status):
    PLANNED = "planned", "Written down here; the CRM has not been asked yet. It can be undone."
    SUBMITTED = "submitted", "The CRM was asked. Nothing shows yet that the e-mail left."
    SENT = "sent", "The e-mail left. Whether it arrived is not known yet."
    DELIVERED = "delivered", "The customer's mailbox took it."
    BOUNCED = "bounced", "The customer's mailbox refused it. A case says what to do."
    FAILED = "failed", "The CRM did not send it. A case says what to do."
    WITHDRAWN = "withdrawn", "Undone before the CRM was asked."


_S = MessageStatus
_TOLD_BY_CRM = {_S.SENT, _S.DELIVERED, _S.BOUNCED, _S.FAILED}


class Message(Stateful):
    """`data` are the template's values. `external_id` is the CRM's id, known before it is asked.
    `fetched_at` is when the CRM last told us of it."""

    __tablename__ = "messages"
    __table_args__ = (
        one_of("status", MessageStatus),
        Index("messages_customer_idx", "customer_id", "created_at"),
        Index("messages_order_idx", "order_id", "created_at", postgresql_where="order_id is not null"),
        Index("messages_refund_idx", "refund_id", "created_at", postgresql_where="refund_id is not null"),
        Index(
            "messages_subscription_idx", "subscription_id", "created_at",
            postgresql_where="subscription_id is not null",
        ),
        Index("messages_trace_idx", "trace_id"),
        Index("messages_created_idx", "created_at", "id"),
        Index("messages_status_created_idx", "status", "created_at", "id"),
        Index("messages_template_created_idx", "template", "created_at", "id"),
        Index("messages_unsent_idx", "fetched_at", postgresql_where="status = 'submitted'"),
    )  # fmt: skip
    PREFIX, PLURAL = "msg", "messages"
    TOLD = ("status", "template", "to_address", "failure_reason", "waits_for")
    BELONGS_TO = ("customer_id", "order_id", "refund_id", "subscription_id")
    STATUS = MessageStatus
    MOVES = {
        _S.PLANNED: {_S.SUBMITTED, _S.WITHDRAWN} | _TOLD_BY_CRM,
        _S.SUBMITTED: {_S.PLANNED} | _TOLD_BY_CRM,
        _S.SENT: {_S.DELIVERED, _S.BOUNCED, _S.FAILED},
        _S.DELIVERED: {_S.BOUNCED},  # a mailbox may change its mind
        _S.BOUNCED: set(),
        _S.FAILED: {_S.PLANNED, _S.SENT, _S.DELIVERED, _S.BOUNCED},
        _S.WITHDRAWN: set(),
    }

    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    order_id: Mapped[str | None] = mapped_column(ForeignKey("orders.id"))
    refund_id: Mapped[str | None] = mapped_column(ForeignKey("refunds.id"))
    subscription_id: Mapped[str | None] = mapped_column(ForeignKey("subscriptions.id"))
    template: Mapped[str] = mapped_column(String(40))
    data: Mapped[dict[str, Any]] = pii(JSONB)
    to_address: Mapped[str] = pii(String(320), shown_by=CONTACTS)
    external_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    raw_status: Mapped[str] = mapped_column(String(100), default="")
    failure_reason: Mapped[str | None] = mapped_column(String(500))
    # Planned, and the CRM is asked only after this: "the pharmacy's answer". Until then it has no promise.
    waits_for: Mapped[str | None] = public(String(60))
    by: Mapped[str] = mapped_column(String(120))
    trace_id: Mapped[str] = mapped_column(String(40))
    fetched_at: Mapped[datetime | None]

    @property
    def final(self) -> bool:
        return self.status in (_S.DELIVERED, _S.BOUNCED, _S.FAILED, _S.WITHDRAWN)

    @classmethod
    def by_external(cls, external_id: str) -> Message | None:
        return db.session.scalar(select(cls).where(cls.external_id == external_id))
