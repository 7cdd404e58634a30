"""The board: whose prescription comes to its end, and when they are charged next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from ...db import db, instant
from ...models import (
    Customer,
    Prescription,
    PrescriptionStatus,
    Product,
    Renewal,
    Subscription,
    SubscriptionItem,
)
from ._days import days_by_state, elsewhere

PAGE = 50


@dataclass(frozen=True)
class Bucket:
    """`label` is its heading. A prescription may be in several of those that count fills and one that counts days."""

    code: str
    label: str
    fills: int | None = None
    days: tuple[int, int] | None = None


BUCKETS = {
    one.code: one
    for one in (
        Bucket("left_0", "No fill left", fills=0),
        Bucket("left_1", "One fill left", fills=1),
        Bucket("days_30", "Expires within 30 days", days=(0, 30)),
        Bucket("days_60", "In 31 to 60 days", days=(31, 60)),
        Bucket("days_90", "In 61 to 90 days", days=(61, 90)),
    )
}


@dataclass(frozen=True)
class Row:
    """`left` are the fills nobody has used, `days` until its last day where the customer lives."""

    prescription: Prescription
    customer: Customer
    left: int
    days: int | None
    next_charge_at: datetime | None
    renewal: Renewal | None


def counts() -> dict[str, int]:
    """How many prescriptions are in each bucket. One statement."""
    left, days, query = _asked()
    columns = [func.count().filter(_is_in(one, left, days)) for one in BUCKETS.values()]
    row = db.session.execute(query.with_only_columns(*columns).order_by(None)).one()
    return dict(zip(BUCKETS, row, strict=True))


def rows(bucket: Bucket, *, after: str | None = None) -> tuple[Sequence[Row], str | None]:
    """A bucket's prescriptions, those that end first first, and what to ask for after them. Exactly those it counts."""
    left, days, query = _asked()
    charge = (
        select(func.min(Subscription.next_charge_at))
        .join(SubscriptionItem, SubscriptionItem.subscription_id == Subscription.id)
        .join(Product, Product.id == SubscriptionItem.product_id)
        .where(Subscription.customer_id == Prescription.customer_id, Product.sku == Prescription.sku)
        .correlate(Prescription)
        .scalar_subquery()
    )
    latest = aliased(Renewal)
    ends = func.coalesce(Prescription.expires_on, date.max)
    chosen = (
        query.with_only_columns(Prescription, Customer, left, days, charge, latest)
        .outerjoin(latest, and_(latest.prescription_id == Prescription.id, latest.status != "stopped"))
        .where(_is_in(bucket, left, days))
        .order_by(ends, Prescription.id)
    )
    if after and (known := Prescription.get(after)):
        last = known.expires_on or date.max
        chosen = chosen.where(or_(ends > last, and_(ends == last, Prescription.id > known.id)))
    found = [Row(*row) for row in db.session.execute(chosen.limit(PAGE + 1))]
    more = len(found) > PAGE
    return found[:PAGE], found[PAGE - 1].prescription.id if more else None


def _asked() -> tuple[ColumnElement[Any], ColumnElement[Any], Select[tuple[Prescription]]]:
    at: datetime = db.session.scalar(select(instant()))  # type: ignore[assignment]
    zones = days_by_state(at)
    today = func.coalesce(zones.c.today, elsewhere(at))
    left = func.greatest(Prescription.refills_authorised + 1 - Prescription.fills_used, 0)
    days = Prescription.expires_on - today
    query = (
        select(Prescription)
        .join(Customer, Customer.id == Prescription.customer_id)
        .outerjoin(zones, zones.c.state == Customer.ship_to["state"].astext)
        .where(Prescription.status == PrescriptionStatus.ACTIVE.value, Prescription.sku.is_not(None))
    )
    return left, days, query


def _is_in(bucket: Bucket, left: ColumnElement[Any], days: ColumnElement[Any]) -> ColumnElement[bool]:
    if bucket.fills is not None:
        return left == bucket.fills
    assert bucket.days is not None
    return days.between(*bucket.days)
