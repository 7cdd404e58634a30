"""Money on its way back. Its status is the processor's truth, with the two steps before it speaks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ..lib.money import Money
from ._classes import pii, public
from ._record import Stateful, Status, minor_units, one_of


class RefundStatus(Status):
    PLANNED = "planned", "Written down here; Stripe has not been asked yet. It can be undone."
    SUBMITTED = (
        "submitted",
        "Stripe was asked and has not confirmed. It counts as spent until we know.",
    )
    PENDING = "pending", "Stripe accepted it and is moving the money. Wait."
    REQUIRES_ACTION = (
        "requires_action",
        "The customer has to do something before the money can move: tell them so.",
    )
    SUCCEEDED = "succeeded", "Stripe sent the money. Banks show it after 5 to 10 days."
    FAILED = "failed", "The money did not reach the customer. A case says what to do."
    WITHDRAWN = "withdrawn", "Undone before Stripe was asked."


_S = RefundStatus
_TOLD_BY_PROCESSOR = {_S.PENDING, _S.REQUIRES_ACTION, _S.SUCCEEDED, _S.FAILED}


UNDER_WAY = (_S.PLANNED, _S.SUBMITTED, _S.PENDING, _S.REQUIRES_ACTION)  # neither arrived, failed nor undone

_OPEN = "status in ('planned', 'submitted', 'pending', 'requires_action')"


class Refund(Stateful):
    __tablename__ = "refunds"
    __table_args__ = (
        one_of("status", RefundStatus),
        CheckConstraint("amount > 0", name="amount"),
        Index("refunds_payment_idx", "payment_id"),
        Index("refunds_order_idx", "order_id"),
        Index("refunds_created_idx", "created_at", "id"),
        Index(
            "refunds_reference_number_idx",
            "reference_number",
            postgresql_where="reference_number is not null",
        ),
        Index("refunds_status_created_idx", "status", "created_at", "id"),
        Index("refunds_by_idx", "by_id", "created_at"),
        Index("refunds_amount_idx", "amount", "id"),
        Index("refunds_status_amount_idx", "status", "amount", "id"),
        Index("refunds_reason_created_idx", "reason", "created_at", "id"),
        Index("refunds_reason_amount_idx", "reason", "amount", "id"),
        Index("refunds_customer_idx", "customer_id", "created_at"),
        Index("refunds_under_way_created_idx", "created_at", "id", postgresql_where=_OPEN),
        Index("refunds_under_way_amount_idx", "amount", "id", postgresql_where=_OPEN),
    )
    PREFIX, PLURAL = "rf", "refunds"
    TOLD = ("status", "amount", "reason", "note", "failure_reason", "waits_for")
    BELONGS_TO = ("payment_id", "order_id", "customer_id")
    STATUS = RefundStatus
    MOVES = {
        _S.PLANNED: {_S.SUBMITTED, _S.WITHDRAWN} | _TOLD_BY_PROCESSOR,
        _S.SUBMITTED: {_S.PLANNED} | _TOLD_BY_PROCESSOR,
        _S.PENDING: _TOLD_BY_PROCESSOR - {_S.PENDING},
        _S.REQUIRES_ACTION: _TOLD_BY_PROCESSOR - {_S.REQUIRES_ACTION},
        # The bank may send it back days later: succeeded is where staff stop waiting, not the end of the world.
        _S.SUCCEEDED: {_S.FAILED, _S.PENDING, _S.REQUIRES_ACTION},
        _S.FAILED: {_S.PLANNED, _S.PENDING, _S.REQUIRES_ACTION, _S.SUCCEEDED},
        _S.WITHDRAWN: set(),
    }

    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"))
    order_id: Mapped[str | None] = mapped_column(ForeignKey("orders.id"))
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))
    external_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    raw_status: Mapped[str] = mapped_column(String(60), default="")
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int] = minor_units()
    reason: Mapped[str] = public(String(40))
    note: Mapped[str] = pii(Text, default="")
    pending_reason: Mapped[str | None] = mapped_column(String(60))
    failure_reason: Mapped[str | None] = mapped_column(String(200))
    reference_number: Mapped[str | None] = mapped_column(
        String(100)
    )  # the bank's trace number, for the customer
    # Planned, and Stripe is asked only after this: "the pharmacy's answer". Until then it has no promise.
    waits_for: Mapped[str | None] = public(String(60))
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str | None] = mapped_column(String(40))  # None: made outside the console
    trace_id: Mapped[str] = mapped_column(String(40))
    fetched_at: Mapped[datetime | None]

    @property
    def final(self) -> bool:
        return self.status in (_S.SUCCEEDED, _S.FAILED, _S.WITHDRAWN)

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @classmethod
    def by_external(cls, external_id: str) -> Refund | None:
        return db.session.scalar(select(cls).where(cls.external_id == external_id))
