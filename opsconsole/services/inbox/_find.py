"""Reading the inbox."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ...db import db
from ...models import EventStatus, InboxEvent, RejectedCount
from .._find import Listing, among, exactly

LIST = Listing(
    InboxEvent,
    {
        "status": among(InboxEvent.status, EventStatus, "What became of it."),
        "source": exactly(InboxEvent.source, "Who told us, stripe."),
        "kind": exactly(InboxEvent.kind, "What happened, in their words: refund.updated."),
        "object_id": exactly(InboxEvent.object_id, "What it is about, by their id.", few=True),
        "external_id": exactly(InboxEvent.external_id, "The event's own id, evt_….", few=True),
    },
    shown=(
        InboxEvent.id,
        InboxEvent.kind,
        InboxEvent.status,
        InboxEvent.words,
        InboxEvent.object_id,
        InboxEvent.via,
        InboxEvent.created_at,
    ),
)
find = LIST.find


def rejected(most: int = 5) -> Sequence[RejectedCount]:
    """How many deliveries were refused, and why: the latest days first."""
    query = select(RejectedCount).order_by(RejectedCount.day.desc(), RejectedCount.count.desc())
    return db.session.scalars(query.limit(most)).all()
