"""Reading orders."""

from __future__ import annotations

from sqlalchemy import select

from ...lib.paging import Page
from ...models import Order
from .._find import newest


def find(*, after: str | None = None, **filters: str) -> Page[Order]:
    """Most recently placed first; filters: status, customer, reference."""
    query = select(Order)
    for name, column in (
        ("status", Order.status),
        ("customer", Order.customer_id),
        ("reference", Order.reference),
    ):
        if value := filters.get(name):
            query = query.where(column == value.rsplit("/", 1)[-1])
    return newest(query, Order, after, by="placed_at")
