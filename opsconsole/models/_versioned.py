"""Rules that are data: versions of which exactly one is active, each proposed by somebody and for a reason."""

from __future__ import annotations

from typing import Any, Self

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._record import Stateful, Status


def version_moves(status: type[Status]) -> dict[Any, set[Any]]:
    """A draft becomes active or is taken back, an active one gives way to the next. `status` has all four."""
    draft, active, superseded, withdrawn = map(status, ("draft", "active", "superseded", "withdrawn"))
    return {draft: {active, withdrawn}, active: {superseded}, superseded: set(), withdrawn: set()}


class Versioned(Stateful):
    """`number` counts the versions from 1. The database lets one be active only."""

    __abstract__ = True

    number: Mapped[int]
    why: Mapped[str] = mapped_column(String(500))
    by: Mapped[str] = mapped_column(String(120))
    trace_id: Mapped[str | None] = mapped_column(String(40))

    @classmethod
    def active(cls) -> Self:
        """The version that holds now."""
        return db.session.scalars(select(cls).where(cls.status == "active")).one()

    @property
    def name(self) -> str:
        return f"Version {self.number}"
