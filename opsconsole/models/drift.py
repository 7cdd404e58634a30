"""One thing in which we and somebody outside differ."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import pii, public
from ._record import Stateful, Status, one_of


class DriftStatus(Status):
    OPEN = "open", "We and they still differ. Do what it suggests, or dismiss it with a reason."
    REPAIRED = "repaired", "Its repair was done, and we agree since."
    DISMISSED = "dismissed", "Somebody looked at it and let it be. It comes back only if it changes."
    GONE = "gone", "It came right by itself: a later comparison no longer saw it."


class Drift(Stateful):
    """`kind` is a code of services/reconciliation/_kinds.py. `subject` stands for what differs: our fill's, parcel's or
    order's id, or "<port>:<their number>" for what only they have. One finding per kind and subject is open.

    `ours` and `theirs` say in words what each holds; no name, no drug. `suggests` is {"act", "url", "label"}. `run_id` is
    the comparison that saw it last. `asked_at` is when its repair was last begun.
    """

    __tablename__ = "drifts"
    __table_args__ = (
        one_of("status", DriftStatus),
        Index("drifts_open_key", "kind", "subject", unique=True, postgresql_where="status = 'open'"),
        Index("drifts_kind_subject_idx", "kind", "subject", "created_at"),
        Index("drifts_created_idx", "created_at", "id"),
        Index("drifts_status_created_idx", "status", "created_at", "id"),
        Index("drifts_kind_created_idx", "kind", "created_at", "id"),
        Index("drifts_port_created_idx", "port", "created_at", "id"),
        Index("drifts_run_created_idx", "run_id", "created_at", "id"),
        Index("drifts_order_idx", "order_id", "created_at", postgresql_where="order_id is not null"),
        Index("drifts_fill_idx", "fill_id", postgresql_where="fill_id is not null"),
        Index("drifts_shipment_idx", "shipment_id", postgresql_where="shipment_id is not null"),
    )
    PREFIX, PLURAL = "drf", "reconciliation/findings"
    TOLD = ("status", "kind", "ours", "theirs")
    BELONGS_TO = ("order_id", "fill_id", "shipment_id")
    STATUS = DriftStatus
    MOVES = {
        DriftStatus.OPEN: {DriftStatus.REPAIRED, DriftStatus.DISMISSED, DriftStatus.GONE},
        DriftStatus.REPAIRED: set(),
        DriftStatus.DISMISSED: set(),
        DriftStatus.GONE: set(),
    }

    run_id: Mapped[str] = mapped_column(ForeignKey("reconciliation_runs.id"))
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(160))
    port: Mapped[str] = mapped_column(String(40))
    external_id: Mapped[str | None] = mapped_column(String(255))
    order_id: Mapped[str | None] = mapped_column(ForeignKey("orders.id"))
    fill_id: Mapped[str | None] = mapped_column(ForeignKey("fills.id"))
    shipment_id: Mapped[str | None] = mapped_column(ForeignKey("shipments.id"))
    ours: Mapped[str] = pii(String(300))
    theirs: Mapped[str] = pii(String(300))
    suggests: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    last_seen_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    why_dismissed: Mapped[str | None] = public(String(500))

    @property
    def called(self) -> str:
        return "finding"

    @classmethod
    def lock_open(cls, kind: str, subject: str) -> Drift | None:
        """The open finding of that kind and subject, locked."""
        query = select(cls).where(cls.kind == kind, cls.subject == subject, cls.status == DriftStatus.OPEN)
        return db.session.scalar(query.with_for_update())
