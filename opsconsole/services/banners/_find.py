"""Reading banners."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from ...db import db
from ...lib.paging import Page
from ...models import Banner, BannerStatus
from .._find import newest


def find(*, after: str | None = None, **filters: str) -> Page[Banner]:
    """Newest first; filters: status, kind, subject, customer."""
    query = select(Banner)
    for name, column in (
        ("status", Banner.status), ("kind", Banner.kind), ("subject", Banner.subject_id),
        ("customer", Banner.customer_id),
    ):  # fmt: skip
        if value := filters.get(name):
            query = query.where(column == value.rsplit("/", 1)[-1])
    return newest(query, Banner, after)


def of_customers(customer_ids: Iterable[str]) -> dict[str, Sequence[Banner]]:
    """Every banner that stands on these customers and their orders, by customer, oldest first: one statement."""
    found: dict[str, list[Banner]] = {id: [] for id in customer_ids}
    query = select(Banner).where(Banner.customer_id.in_(found), Banner.status == BannerStatus.STANDING)
    for banner in db.session.scalars(query.order_by(Banner.created_at, Banner.id)) if found else ():
        found[banner.customer_id].append(banner)
    return dict(found)
