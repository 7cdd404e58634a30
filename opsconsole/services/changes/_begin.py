"""A scheduled change comes due: the processor is asked now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ...db import db, instant
from ...models import Change, ChangeStatus, Promise
from ..outbox import KEEPERS
from ._plan import UnderWay, ask


def due(limit: int = 200) -> list[Change]:
    """Scheduled changes whose day has come, the oldest first."""
    query = select(Change).where(Change.status == ChangeStatus.SCHEDULED, Change.starts_at <= instant())
    return list(db.session.scalars(query.order_by(Change.starts_at, Change.id).limit(limit)))


def begin(change: Change, lane: str, *, starts_at: datetime | None = None) -> Promise | None:
    """In an act: ask for a scheduled change, locked, now; None when something else of the same thing is under way, and
    it is looked at again `starts_at`."""
    other = Change.now_of(subscription_id=change.subscription_id, invoice_id=change.invoice_id)
    if other:
        if starts_at is None:
            raise UnderWay(f"{other.says} is under way: wait until that is done.", more={"change": other.url})
        change.starts_at = starts_at
        return None
    change.waits_for = None
    change.move_to(ChangeStatus.PLANNED)
    return ask(KEEPERS[change.verb], change, lane)
