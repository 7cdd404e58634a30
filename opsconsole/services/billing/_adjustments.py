"""Reading increments."""

from __future__ import annotations

from sqlalchemy import func, select

from ...db import db
from ...lib.money import Money
from ...models import Adjustment, AdjustmentStatus
from .._find import Listing, among, exactly, one_of_ours

ADJUSTMENTS = Listing(
    Adjustment,
    {
        "status": among(Adjustment.status, AdjustmentStatus, "How far it is."),
        "customer": one_of_ours(Adjustment.customer_id, "Whose; an id or its URL."),
        "source": exactly(Adjustment.source, "Which program sent it."),
        "batch": one_of_ours(Adjustment.batch_id, "The sum that it is part of; an id or its URL."),
        "reference": exactly(Adjustment.reference, "The program's own word for it.", only_with="source"),
    },
    shown=(
        Adjustment.id,
        Adjustment.description,
        Adjustment.amount,
        Adjustment.currency,
        Adjustment.status,
        Adjustment.source,
        Adjustment.customer_id,
        Adjustment.created_at,
    ),
)


def sums(*, customer: str | None = None, batch: str | None = None) -> list[tuple[str, int, Money]]:
    """(status, how many, what they come to): of a customer or a batch; else of all that is pending, which is little."""
    a = Adjustment
    query = select(a.status, a.currency, func.count(), func.sum(a.amount)).group_by(a.status, a.currency)
    if customer or batch:
        wanted = [a.customer_id == customer] if customer else []
        query = query.where(*wanted, *([a.batch_id == batch] if batch else []))
    else:
        query = query.where(a.status == AdjustmentStatus.PENDING.value)
    order = list(AdjustmentStatus)
    found = [
        (status, count, Money(int(amount), currency))
        for status, currency, count, amount in db.session.execute(query)
    ]
    return sorted(found, key=lambda row: (order.index(AdjustmentStatus(row[0])), row[2].currency))
