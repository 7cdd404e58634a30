"""Reading customers."""

from __future__ import annotations

from sqlalchemy import select

from ...lib.paging import Page
from ...models import Customer
from .._find import newest


def find(*, after: str | None = None, **filters: str) -> Page[Customer]:
    """Newest first; filters: email, reference, name (each exactly)."""
    query = select(Customer)
    for name in ("email", "reference", "name"):
        if value := filters.get(name):
            query = query.where(getattr(Customer, name) == value)
    return newest(query, Customer, after)
