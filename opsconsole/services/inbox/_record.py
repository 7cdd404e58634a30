"""Recording a delivery: one durable insert and nothing else. It is bookkeeping, not an act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import array, insert
from sqlalchemy.exc import DBAPIError

from ...db import AT_ONCE, db, instant
from ...lib import crash, ids
from ...models import EventStatus, InboxEvent, RejectedCount, RejectedDelivery
from ...vendors.crm import CrmDelivery
from ...vendors.healthcare import HealthcareDelivery
from ...vendors.payments import Delivery
from ...vendors.pharmacy import PharmacyDelivery
from ...vendors.tracking import TrackingDelivery
from ..outbox import hint
from ._settle import NOBODY_NEEDS_IT, needed

AnyDelivery = Delivery | CrmDelivery | HealthcareDelivery | PharmacyDelivery | TrackingDelivery
TRACE_TAG = "opsconsole_trace"
_SAMPLES = 50  # a flood of forgeries fills a corner of the disk, not the disk
_SAMPLE_BYTES = 1024


def record(source: str, delivery: AnyDelivery, *, via: str = "webhook") -> bool:
    """Keep a delivery, once per source and id, durable when this returns. False if it was known."""
    crash.point("inbox.before")
    new = _insert(_row(source, delivery, via))
    crash.point("inbox.after")
    if new and needed(source, delivery.kind, delivery.object_id):
        hint()
    return new


def insert_missing(source: str, deliveries: Sequence[AnyDelivery]) -> int:
    """Record what a sweep found, in the open transaction. Returns how many were new."""
    if not deliveries:
        return 0
    rows = [_row(source, delivery, "sweep") for delivery in deliveries]
    new = insert(InboxEvent).values(rows).on_conflict_do_nothing(index_elements=["source", "external_id"])
    return len(db.session.execute(new.returning(InboxEvent.id)).all())


# Written out: an INSERT .. ON CONFLICT that SQLAlchemy builds is compiled anew each time, for a millisecond.
_INSERT = text(
    """
    insert into inbox_events (id, source, external_id, kind, object_kind, object_id, occurred_at, via, body, status,
                              words, trace_id)
    values (:id, :source, :external_id, :kind, :object_kind, :object_id, :occurred_at, :via, :body_sealed, :status,
            :words, :trace_id)
    on conflict (source, external_id) do nothing returning id
    """
)


def _insert(row: dict[str, Any]) -> bool:
    """Insert and commit in one round trip; False if it was there. A connection found dead is replaced once."""
    try:
        return _inserted(row)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        return _inserted(row)


def _inserted(row: dict[str, Any]) -> bool:
    with db.engines[AT_ONCE].connect() as connection:
        return connection.execute(_INSERT, row).first() is not None


def _row(source: str, delivery: AnyDelivery, via: str) -> dict[str, Any]:
    trace = delivery.tags.get(TRACE_TAG, "")
    idle = needed(source, delivery.kind, delivery.object_id) is None  # no worker need ever look at it
    id = ids.new(InboxEvent.PREFIX)
    return {
        "id": id,
        "source": source,
        "external_id": delivery.external_id,
        "kind": delivery.kind,
        "object_kind": delivery.about,
        "object_id": delivery.object_id,
        "occurred_at": delivery.occurred_at,
        "via": via,
        "body_sealed": InboxEvent.body.seal(delivery.body, id),
        "status": EventStatus.IGNORED.value if idle else EventStatus.RECEIVED.value,
        "words": NOBODY_NEEDS_IT if idle else None,
        "trace_id": trace if trace.startswith("trc_") and len(trace) <= 40 else None,
    }


def reject(source: str, why: str, detail: str, *, body: bytes, address: str | None) -> None:
    """Count a delivery that was refused, and keep a small capped sample of it outside the inbox."""
    day = datetime.now(UTC).date().isoformat()
    with db.engine.begin() as connection:
        connection.execute(
            insert(RejectedCount)
            .values(source=source, day=day, why=why, count=1, recent=array([instant()]))
            .on_conflict_do_update(
                index_elements=["source", "day", "why"],
                set_={
                    "count": text("rejected_counts.count + 1"),
                    "recent": text("instant() || rejected_counts.recent[1:2]"),
                },
            )
        )
        kept = connection.execute(
            select(func.count()).select_from(
                select(RejectedDelivery.id)
                .where(RejectedDelivery.source == source)
                .limit(_SAMPLES)
                .subquery()
            )
        ).scalar_one()
        if kept < _SAMPLES:
            id = ids.new(RejectedDelivery.PREFIX)
            connection.execute(
                insert(RejectedDelivery).values(
                    id=id,
                    source=source,
                    why=f"{why}: {detail}"[:200],
                    address=address,
                    size=len(body),
                    sample_sealed=RejectedDelivery.sample.seal(body[:_SAMPLE_BYTES], id),
                )
            )
