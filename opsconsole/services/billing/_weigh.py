"""By how much drafts were changed already: in many small steps it is the same sum."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, cast, func, select

from ...db import db
from ...lib.money import Money
from ...models import Change, ChangeStatus, Invoice
from .. import approvals, limits
from .._act import performing
from .._actor import Actor

ACT = "billing.adjust"
# Of whose changes each measure is the sum, and over how long.
_WINDOWS = {
    "customer_7d": (Change.customer_id, timedelta(days=7)),
    "customer_30d": (Change.customer_id, timedelta(days=30)),
    "actor_day": (Change.by_id, timedelta(hours=24)),
}
_CENTS = cast(Change.details["weighs"].astext, BigInteger)
_COUNTS = (
    Change.verb.in_(("billing.add_lines", "billing.change_line", "billing.remove_lines")),
    Change.details.has_key("weighs"),
    Change.status.not_in((ChangeStatus.WITHDRAWN, ChangeStatus.FAILED)),
)


def weigh(moved: Money, invoice: Invoice, *, by: Actor) -> int:
    """Compare by how much a total moves, up or down, with what was changed before it, with the actor's limits. Returns its
    cents, to be kept with the change. Lock the customer first. Raises approvals.OverLimit."""
    cents = approvals.cents(moved) or 0
    approvals.alone(by)
    now = performing().now
    of = {Change.customer_id: invoice.customer_id, Change.by_id: by.id}
    totals = {
        measure: cents + _changed(whose == of[whose], now - window)
        for measure, (whose, window) in _WINDOWS.items()
    }
    approvals.weigh(ACT, moved, totals, by=by, field="amount")
    return cents


def _changed(whose: Any, since: datetime) -> int:
    query = select(func.coalesce(func.sum(_CENTS), 0)).where(whose, Change.created_at > since, *_COUNTS)
    return int(db.session.scalar(query) or 0)


def changed_in_order(since: datetime, measure: str) -> Iterator[tuple[str, int, int | None]]:
    """Each change since then in its order: (who made it, its cents, what it came to in the measure's window)."""
    whose, window = _WINDOWS[measure]
    query = select(whose.label("whose"), Change.by_id, Change.created_at, _CENTS.label("cents"))
    query = query.where(Change.created_at > since - window, *_COUNTS)
    earlier: dict[str, deque[Any]] = defaultdict(deque)
    for row in db.session.execute(query.order_by(Change.created_at, Change.id)):
        before = earlier[row.whose]
        while before and before[0].created_at <= row.created_at - window:
            before.popleft()
        before.append(row)
        if row.created_at > since:
            yield row.by_id, row.cents, sum(one.cents for one in before)


limits.replays(ACT, "changes of drafts", changed_in_order)
