"""One time somebody put right what did not go on."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ._classes import public
from ._record import Record


class RecipeRun(Record):
    """Which act of those that were offered was done about a spell, by whom, and what they answered on the way.

    `suggested`: it was the first. `made_id` is what the act made or changed. How it ended is read from the spell, and from
    whether what was made was taken back.
    """

    __tablename__ = "recipe_runs"
    __table_args__ = (
        Index("recipe_runs_created_idx", "created_at", "id"),
        Index("recipe_runs_code_idx", "code", "created_at"),
        Index("recipe_runs_stuck_idx", "stuck_id"),
    )
    PREFIX, PLURAL = "rcr", "recipe-runs"
    BELONGS_TO = ("stuck_id",)

    stuck_id: Mapped[str] = mapped_column(ForeignKey("stuck.id"))
    code: Mapped[str] = mapped_column(String(30))
    act: Mapped[str] = public(String(60))
    suggested: Mapped[bool]
    answers: Mapped[dict[str, str]] = public(JSONB)
    made_id: Mapped[str | None] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str] = mapped_column(String(40))
    trace_id: Mapped[str] = mapped_column(String(40))
