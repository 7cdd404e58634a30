"""What was done about a spell."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ...db import db
from ...models import RecipeRun


def runs_of(stuck_id: str) -> Sequence[RecipeRun]:
    """Each time somebody put it right, the last one first."""
    query = select(RecipeRun).where(RecipeRun.stuck_id == stuck_id)
    return list(db.session.scalars(query.order_by(RecipeRun.created_at.desc())))
