"""One look at everything for what must never be: when, and how much of it was found."""

from __future__ import annotations

from sqlalchemy import Index, String, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import public
from ._record import Record


class HarmSweep(Record):
    """`found` counts by guard."""

    __tablename__ = "harm_sweeps"
    __table_args__ = (Index("harm_sweeps_created_idx", "created_at", "id"),)
    PREFIX, PLURAL = "hsw", "harm"
    TOLD = ("total",)

    found: Mapped[dict[str, int]] = public(JSONB)
    total: Mapped[int]
    by: Mapped[str] = mapped_column(String(120))
    trace_id: Mapped[str] = mapped_column(String(40))

    @classmethod
    def last(cls) -> HarmSweep | None:
        return db.session.scalar(select(cls).order_by(cls.created_at.desc()).limit(1))
