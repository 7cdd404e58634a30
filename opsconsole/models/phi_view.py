"""Who saw what of somebody's health, and what was shown to whom for a minute."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model, instant
from ..lib import ids
from ._record import Record


class PhiView(Model):
    """One field that was before somebody's eyes, or went to a program: no value, only which. Only ever added to.

    `customer_id` is the patient; None for what names none yet, like an event that nothing has settled."""

    __tablename__ = "phi_views"
    __table_args__ = (
        Index("phi_views_customer_idx", "customer_id", "at", "id"),
        Index("phi_views_by_idx", "by_id", "at", "id"),
    )

    id: Mapped[str] = mapped_column(
        String(40, collation="C"), primary_key=True, default=lambda: ids.new("vie")
    )
    at: Mapped[datetime] = mapped_column(server_default=instant())
    customer_id: Mapped[str | None] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(40))
    field: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str] = mapped_column(String(40))
    trace_id: Mapped[str | None] = mapped_column(String(40))


class Reveal(Record):
    """One masked field that may be read by one person, for a purpose, until `expires_at`. It holds no value."""

    __tablename__ = "reveals"
    PREFIX, PLURAL = "rvl", "reveals"
    TOLD = ("field", "purpose")
    BELONGS_TO = ("subject_id", "customer_id")

    subject_id: Mapped[str] = mapped_column(String(40))
    field: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(String(20))
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str] = mapped_column(String(40))
    expires_at: Mapped[datetime]
    trace_id: Mapped[str] = mapped_column(String(40))
