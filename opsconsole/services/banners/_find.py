"""Reading banners."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from ...db import db
from ...models import Banner, BannerStatus
from .._find import Listing, among, exactly, one_of_ours

LIST = Listing(
    Banner,
    {
        "status": among(Banner.status, BannerStatus, "Standing, or lowered."),
        "kind": exactly(Banner.kind, "Of which kind."),
        "subject": one_of_ours(Banner.subject_id, "On which customer or order; an id or its URL."),
        "customer": one_of_ours(Banner.customer_id, "On which customer and their orders; an id or its URL."),
    },
)
find = LIST.find


def of_customers(customer_ids: Iterable[str]) -> dict[str, Sequence[Banner]]:
    """Every banner that stands on these customers and their orders, by customer, oldest first: one statement."""
    found: dict[str, list[Banner]] = {id: [] for id in customer_ids}
    query = select(Banner).where(Banner.customer_id.in_(found), Banner.status == BannerStatus.STANDING)
    for banner in db.session.scalars(query.order_by(Banner.created_at, Banner.id)) if found else ():
        found[banner.customer_id].append(banner)
    return dict(found)
