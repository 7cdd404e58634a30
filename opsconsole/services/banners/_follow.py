"""Banners that nobody raises: they follow what the processor says of an order's payments."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db
from ...models import Banner, BannerStatus, Order, Payment
from .._act import concerns, performing
from ._kinds import KINDS, evidence


def follow(payment: Payment) -> None:
    """Raise or lower the banners that a payment's dispute and fraud warning ask for, within the act under way.

    They stand on its order; a payment without an order gets them when one claims it. Costs nothing for a payment
    that was never disputed or warned of.
    """
    if payment.order_id is None or (payment.dispute is None and payment.fraud_warned_at is None):
        return
    order = Order.require(payment.order_id)
    by_facts = [kind.code for kind in KINDS.values() if kind.by_facts]
    query = select(Banner).where(
        Banner.subject_id == order.id, Banner.kind.in_(by_facts), Banner.status == BannerStatus.STANDING
    )
    standing = {banner.kind: banner for banner in db.session.scalars(query)}
    mirrored = order.payments()
    for kind in by_facts:
        _follow(kind, order, mirrored, standing.get(kind))


def _follow(kind: str, order: Order, mirrored: list[Payment], banner: Banner | None) -> None:
    found = evidence(kind, mirrored)
    if found is None:
        if banner:
            banner.lowered_by, banner.lowered_reason = performing().by.label, "Stripe says that it is over."
            banner.move_to(BannerStatus.LOWERED)
            concerns(*banner.related())
        return
    words, paid = found
    if banner is None:
        banner = Banner(
            status=BannerStatus.STANDING,
            kind=kind,
            subject_id=order.id,
            customer_id=order.customer_id,
            by="stripe",
            created_at=performing().now,
        )
    banner.reason, banner.due_at = words, paid.dispute_due_at if kind == "dispute_open" else None
    banner.add()
    concerns(*banner.related())
