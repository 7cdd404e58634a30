"""Reading payments."""

from __future__ import annotations

from sqlalchemy import select

from ...lib.paging import Page
from ...models import Payment
from .._find import newest


def find(*, after: str | None = None, **filters: str) -> Page[Payment]:
    """Newest first; filters: status, order, customer, external_id."""
    query = select(Payment)
    for name, column in (
        ("status", Payment.status), ("order", Payment.order_id), ("customer", Payment.customer_id),
        ("external_id", Payment.external_id),
    ):  # fmt: skip
        if value := filters.get(name):
            query = query.where(column == value.rsplit("/", 1)[-1])
    return newest(query, Payment, after)
