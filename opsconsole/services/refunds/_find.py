"""Reading refunds."""

from __future__ import annotations

from sqlalchemy import select

from ...lib.paging import Page
from ...models import Refund
from .._find import newest


def find(*, after: str | None = None, **filters: str) -> Page[Refund]:
    """Newest first; filters: status, reason, order, payment, customer, external_id."""
    query = select(Refund)
    for name, column in (
        ("status", Refund.status), ("reason", Refund.reason), ("order", Refund.order_id),
        ("payment", Refund.payment_id), ("customer", Refund.customer_id), ("external_id", Refund.external_id),
    ):  # fmt: skip
        if value := filters.get(name):
            query = query.where(column == value.rsplit("/", 1)[-1])
    return newest(query, Refund, after)
