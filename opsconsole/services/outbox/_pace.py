"""A pace for calls of which there may be very many: a vendor that allows so many a second is never asked faster.

Twice: promises are planned apart from each other (`reserve`), so that they come due as fast as they may go; and each claim
takes a place (`admits`), so that what has piled up does not go out at once. Both are rows in PostgreSQL: however many
workers there are, on however many machines, they share one pace.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from ...db import db, instant
from ...models import Pacing


@dataclass(frozen=True)
class Pace:
    """`every` is the time between two calls, of which `burst` may follow at once after a rest; `spread` is the time
    between two that are planned, a little longer: so there is nearly always a place for what cannot wait."""

    name: str
    every: timedelta
    burst: int
    spread: timedelta

    def admits(self) -> bool:
        """May a call be made now? Then its place is taken, as part of the claim's commit."""
        ahead = self.every * (self.burst - 1)
        take = insert(Pacing).values(name=self.name, free_at=instant() + self.every)
        taken = take.on_conflict_do_update(
            index_elements=["name"],
            set_={"free_at": func.greatest(Pacing.free_at, instant()) + self.every},
            where=Pacing.free_at <= instant() + ahead,
        )
        return db.session.scalar(taken.returning(Pacing.name)) is not None

    def reserve(self) -> timedelta:
        """How long until the next place that is not planned for anybody; it is planned now."""
        take = insert(Pacing).values(name=f"{self.name} planned", free_at=instant() + self.spread)
        planned: Any = take.on_conflict_do_update(
            index_elements=["name"],
            set_={"free_at": func.greatest(Pacing.free_at, instant()) + self.spread},
        ).returning(Pacing.free_at - self.spread - instant())
        return max(db.session.scalar(planned) or timedelta(0), timedelta(0))
