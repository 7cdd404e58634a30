"""How long something may take before it is warned of and before it is late, where that differs from its rule."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..lib.duration import minutes_words
from ._record import Record


class ServiceLevel(Record):
    """`code` is that of a rule; with a pharmacy, a SKU or both it counts only there. `calendar` is in whose hours it is
    counted; None: round the clock. Of each (code, pharmacy, SKU) one is active: it stays in the table when it is reset."""

    __tablename__ = "service_levels"
    __table_args__ = (
        CheckConstraint("warn_minutes <= breach_minutes", name="minutes"),
        CheckConstraint("active = (ended_at is null)", name="ended"),
        Index(
            "service_levels_active_key",
            "code",
            "pharmacy_id",
            "sku",
            unique=True,
            postgresql_where="active",
            postgresql_nulls_not_distinct=True,
        ),
        Index("service_levels_created_idx", "created_at", "id"),
    )
    PREFIX, PLURAL = "svl", "service-levels"
    TOLD = ("code", "pharmacy_id", "sku", "warn_minutes", "breach_minutes", "calendar", "active", "why")
    BELONGS_TO = ("pharmacy_id",)

    code: Mapped[str] = mapped_column(String(40))
    pharmacy_id: Mapped[str | None] = mapped_column(ForeignKey("pharmacies.id"))
    sku: Mapped[str | None] = mapped_column(String(60))
    warn_minutes: Mapped[int]
    breach_minutes: Mapped[int]
    calendar: Mapped[str | None] = mapped_column(ForeignKey("work_calendars.name"))
    active: Mapped[bool] = mapped_column(default=True)
    ended_at: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(String(500))
    by: Mapped[str] = mapped_column(String(120))

    def tell(self, field: str, value: Any) -> Any:
        if field in ("warn_minutes", "breach_minutes") and value is not None:
            return minutes_words(value, days=self.calendar is None)
        if field == "calendar":
            return value or "round the clock"
        return super().tell(field, value)
