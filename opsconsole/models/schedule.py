"""When what happens by itself happened last, and how far the sandbox's time is ahead."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, Interval, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model
from ._classes import public


class ScheduledRun(Model):
    __tablename__ = "scheduled_runs"

    name: Mapped[str] = public(String(60), primary_key=True)
    last_at: Mapped[datetime]


class SandboxClock(Model):
    """One row in a sandbox, none anywhere else. The SQL function instant() adds `ahead` to the clock."""

    __tablename__ = "sandbox_clock"
    __table_args__ = (CheckConstraint("single", name="one_row"),)

    single: Mapped[bool] = mapped_column(primary_key=True, default=True)
    ahead: Mapped[timedelta] = mapped_column(Interval)
