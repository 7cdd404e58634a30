"""Every move of every status. Only ever added to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model, instant
from ..lib import ids


class StatusMove(Model):
    """One move of one record's status: who, when, why."""

    __tablename__ = "status_moves"
    __table_args__ = (Index("status_moves_record_idx", "record_id", "at"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=lambda: ids.new("mov"))
    record_id: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(server_default=instant())
    before: Mapped[str] = mapped_column(String(24))
    after: Mapped[str] = mapped_column(String(24))
    by: Mapped[str] = mapped_column(String(120))
    cause: Mapped[str] = mapped_column(String(60))
    trace_id: Mapped[str | None] = mapped_column(String(40))
