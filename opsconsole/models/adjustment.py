"""What a customer is charged or credited between invoices, in small increments, and the sums in which Stripe is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db, instant
from ..lib.cause import current
from ..lib.money import Money
from ._classes import public
from ._record import Stateful, Status, minor_units, one_of
from .invoice import Invoice
from .status_move import StatusMove


class AdjustmentStatus(Status):
    PENDING = "pending", "It waits here and goes to Stripe together with the customer's others."
    BATCHED = "batched", "It is part of a sum that Stripe is being asked to bill."
    APPLIED = "applied", "Stripe has it: it is on an invoice, or waits for the next one."
    WITHDRAWN = "withdrawn", "It was taken away before it went to Stripe, and is not billed."
    FAILED = "failed", "Stripe would not take the sum that it is part of. A case says why."


class BatchStatus(Status):
    PLANNED = "planned", "Added up; Stripe has not been asked yet. What comes meanwhile is added to it."
    SUBMITTED = "submitted", "Stripe was asked and has not answered. It happens once at most."
    DONE = "done", "Stripe has it, or it came to nothing and Stripe need not know."
    FAILED = "failed", "Stripe would not take it. Its case says why and what to do."


_A, _B = AdjustmentStatus, BatchStatus


class AdjustmentBatch(Stateful):
    """What a customer's increments of one currency came to, as one item at Stripe (`external_id`, ii_…).

    `lines` are {"description", "count", "amount"}, the largest amounts first; `invoice_id` is the draft that it goes on,
    None for the customer's next invoice. The increments are from `from_at` until `to_at`.
    """

    __tablename__ = "adjustment_batches"
    __table_args__ = (
        one_of("status", BatchStatus),
        Index("adjustment_batches_customer_idx", "customer_id", "created_at"),
        Index("adjustment_batches_open_idx", "customer_id", postgresql_where="status in ('planned', 'submitted')"),
    )  # fmt: skip
    PREFIX, PLURAL = "adb", "adjustment-batches"
    TOLD = ("status", "amount", "invoice_id", "external_id", "failure_reason")
    BELONGS_TO = ("customer_id", "invoice_id")
    STATUS = BatchStatus
    MOVES = {
        _B.PLANNED: {_B.SUBMITTED, _B.DONE, _B.FAILED},
        _B.SUBMITTED: {_B.PLANNED, _B.DONE, _B.FAILED},
        _B.FAILED: {_B.PLANNED, _B.DONE},
        _B.DONE: set(),
    }

    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    invoice_id: Mapped[str | None] = mapped_column(ForeignKey("invoices.id"))
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int] = minor_units()
    count: Mapped[int] = mapped_column(default=0)
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    lines: Mapped[list[dict[str, Any]]] = public(JSONB, default=list)
    external_id: Mapped[str | None] = mapped_column(String(255))
    failure_code: Mapped[str | None] = public(String(100))
    failure_reason: Mapped[str | None] = mapped_column(String(500))
    trace_id: Mapped[str] = mapped_column(String(40))

    @property
    def final(self) -> bool:
        return self.status in (_B.DONE, _B.FAILED)

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    def invoice(self) -> Invoice | None:
        """The invoice that took it in, as far as Stripe has told us."""
        if self.external_id is None:
            return None
        holds = Invoice.lines.contains([{"item": self.external_id}])
        query = select(Invoice).where(Invoice.customer_id == self.customer_id, holds)
        return db.session.scalar(query.order_by(Invoice.created_at.desc()).limit(1))

    @classmethod
    def under_way(cls, customer_id: str) -> list[AdjustmentBatch]:
        """Those that Stripe does not have yet, the oldest first."""
        waiting = cls.status.in_((_B.PLANNED.value, _B.SUBMITTED.value))
        query = select(cls).where(cls.customer_id == customer_id, waiting)
        return list(db.session.scalars(query.order_by(cls.created_at, cls.id)))


class Adjustment(Stateful):
    """One increment: a positive `amount` is charged, a negative one is credit. `source` names the program, or the console,
    and `reference` is its own word for it: the two are never twice. `compiles_at` is when it goes to Stripe, with the
    customer's others; `invoice_id` is the draft that somebody chose for it.
    """

    __tablename__ = "adjustments"
    __table_args__ = (
        one_of("status", AdjustmentStatus),
        UniqueConstraint("source", "reference"),
        Index("adjustments_created_idx", "created_at", "id"),
        Index("adjustments_customer_idx", "customer_id", "created_at"),
        Index("adjustments_status_idx", "status", "created_at", "id"),
        Index("adjustments_source_idx", "source", "created_at", "id"),
        Index("adjustments_batch_idx", "batch_id"),
        Index("adjustments_pending_idx", "customer_id", postgresql_where="status = 'pending'"),
        Index("adjustments_compiles_idx", "compiles_at", postgresql_where="status = 'pending'"),
    )
    PREFIX, PLURAL = "adj", "adjustments"
    TOLD = ("status", "amount", "invoice_id")
    BELONGS_TO = ("customer_id",)
    STATUS = AdjustmentStatus
    MOVES = {
        _A.PENDING: {_A.BATCHED, _A.WITHDRAWN},
        _A.BATCHED: {_A.APPLIED, _A.FAILED},
        _A.FAILED: {_A.BATCHED, _A.APPLIED},
        _A.APPLIED: set(),
        _A.WITHDRAWN: set(),
    }

    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int] = minor_units()
    description: Mapped[str] = public(String(80))
    source: Mapped[str] = mapped_column(String(40))
    reference: Mapped[str] = mapped_column(String(100))
    batch_id: Mapped[str | None] = mapped_column(ForeignKey("adjustment_batches.id"))
    invoice_id: Mapped[str | None] = mapped_column(ForeignKey("invoices.id"))
    compiles_at: Mapped[datetime]
    by: Mapped[str] = public(String(120))
    by_id: Mapped[str] = mapped_column(String(40))

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def called(self) -> str:
        return "credit" if self.amount < 0 else "charge"

    def batch(self) -> AdjustmentBatch:
        """The sum that it is part of. Raises NotFound while it waits."""
        return AdjustmentBatch.require(self.batch_id or "")

    def apart(self, field: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
        """A new one is told by its amount alone: hundreds may come in one act."""
        if before is None and field != "amount":
            return
        yield from super().apart(field, before, after)

    @classmethod
    def move_all(cls, *which: ColumnElement[bool], to: AdjustmentStatus, **values: Any) -> int:
        """Move all that fit and may go there, and set `values` on them. Each move is kept, as by `move_to`. How many?"""
        may = [status.value for status, targets in cls.MOVES.items() if to in targets]
        query = select(cls.id, cls.status).where(*which, cls.status.in_(may)).order_by(cls.id)
        found = db.session.execute(query.with_for_update()).all()
        if not found:
            return 0
        cause = current()
        told = (
            {"by": cause.by, "cause": cause.name, "trace_id": cause.trace}
            if cause
            else {"by": "console", "cause": ""}
        )
        changed = update(cls).where(cls.id.in_([row.id for row in found]))
        db.session.execute(
            changed.values(status=to, status_since=instant(), **values).execution_options(
                synchronize_session="fetch"
            )
        )
        db.session.execute(
            insert(StatusMove),
            [{"record_id": row.id, "before": row.status, "after": to, **told} for row in found],
        )
        return len(found)
