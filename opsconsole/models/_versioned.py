"""Rules that are data: versions of which exactly one is active, each proposed by somebody and for a reason."""

from __future__ import annotations

from typing import Any, Self

from sqlalchemy import CheckConstraint, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._record import Stateful, Status, one_of


def version_moves(status: type[Status]) -> dict[Any, set[Any]]:
    """A draft becomes active or is taken back, an active one gives way to the next. `status` has all four."""
    draft, active, superseded, withdrawn = map(status, ("draft", "active", "superseded", "withdrawn"))
    return {draft: {active, withdrawn}, active: {superseded}, superseded: set(), withdrawn: set()}


def version_table(
    name: str, status: type[Status], sound: str = "number > 0"
) -> tuple[CheckConstraint | Index, ...]:
    """What the database sees to in the table `name` of a kind of rules: numbers are not taken twice, one is active."""
    return (
        one_of("status", status),
        CheckConstraint(sound, name="number"),
        Index(f"{name}_number_key", "number", unique=True),
        Index(f"{name}_active_key", "status", unique=True, postgresql_where="status = 'active'"),
        Index(f"{name}_created_idx", "created_at", "id"),
        Index(f"{name}_status_created_idx", "status", "created_at", "id"),
    )


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

    @property
    def why_not_draft(self) -> str | None:
        """Why it can neither be adopted nor taken back any more."""
        return {
            "draft": None,
            "active": "It holds already. To go back, propose the earlier version anew.",
            "superseded": "A newer version took its place. Propose it anew.",
            "withdrawn": "It was taken back. Propose it anew.",
        }[self.status]
