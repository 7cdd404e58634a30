"""How much of a day's capacity is taken."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import func, select

from ...db import db
from ...models import Fill, FillStatus


def load(on: date) -> dict[str, int]:
    """pharmacy's id -> the fills that were made for it on that day (UTC) and were not called off. One statement. Two that
    are made in the same moment do not see each other: capacity is a brake and no lock."""
    begins = datetime.combine(on, time(), UTC)
    query = (
        select(Fill.pharmacy_id, func.count())
        .where(
            Fill.created_at >= begins,
            Fill.created_at < begins + timedelta(days=1),
            Fill.status.not_in((FillStatus.WITHDRAWN, FillStatus.CANCELED)),
        )
        .group_by(Fill.pharmacy_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}
