"""What is prescribed, and for how long: which prescriptions come to their end before what needs them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_
from sqlalchemy.orm import aliased

from ....models import (
    RENEWAL_OPEN,
    Fill,
    FillStatus,
    Order,
    OrderLine,
    Prescription,
    PrescriptionStatus,
    Product,
    Renewal,
    RenewalStatus,
    Stuck,
    Subscription,
    SubscriptionItem,
)
from ....models.subscription import LIVE
from ...prescriptions import Offer
from ._care import UNASKED, ask_clinic, first, hold, note

_GONE = (FillStatus.CANCELED, FillStatus.WITHDRAWN)
LEFT = Prescription.refills_authorised + 1 - Prescription.fills_used


def of_orders(rows: Select[Any]) -> Select[Any]:
    """`rows` are of orders: of those that wait and that no pharmacy was asked about, each prescription that they would be
    filled from, unless another one can be."""
    return (
        rows.join(OrderLine, and_(OrderLine.order_id == Order.id, OrderLine.dropped_at.is_(None)))
        .join(Prescription, and_(Prescription.customer_id == Order.customer_id, Prescription.sku == OrderLine.sku))
        .where(
            Order.status.in_(UNASKED), ~another(),
            ~exists().where(Fill.order_id == Order.id, Fill.status.not_in(_GONE)),
        )
    )  # fmt: skip


def of_subscriptions(rows: Select[Any]) -> Select[Any]:
    """`rows` are of prescriptions: each with the next charge of what it is for, unless its renewal is under way, or another
    one covers that."""
    under_way = exists().where(Renewal.prescription_id == Prescription.id, Renewal.status.in_(RENEWAL_OPEN))
    return (
        rows.join(Product, Product.sku == Prescription.sku)
        .join(SubscriptionItem, SubscriptionItem.product_id == Product.id)
        .join(
            Subscription,
            and_(Subscription.id == SubscriptionItem.subscription_id, Subscription.customer_id == Prescription.customer_id),
        )
        .where(
            Subscription.status.in_(LIVE), Subscription.next_charge_at.is_not(None), Subscription.cancel_at.is_(None),
            ~Subscription.cancel_at_period_end, Product.needs_prescription, ~under_way, ~another(),
        )
    )  # fmt: skip


def another() -> ColumnElement[bool]:
    """Can the same be filled from another one, that lasts longer?"""
    other = aliased(Prescription)
    return exists().where(
        other.customer_id == Prescription.customer_id, other.sku == Prescription.sku, other.id != Prescription.id,
        other.status == PrescriptionStatus.ACTIVE, other.refills_authorised + 1 > other.fills_used,
        or_(
            other.expires_on.is_(None), Prescription.status != PrescriptionStatus.ACTIVE,
            other.expires_on > Prescription.expires_on, LEFT <= 0,
        ),
    )  # fmt: skip


def renew(stuck: Stuck, code: str) -> list[Offer]:
    """Its renewal is begun; where that was done, a clinician is asked by one of the causes' codes."""
    rx_id = stuck.details.get("prescription")
    if rx_id is None:
        return []
    known = Renewal.of_prescription(rx_id)
    if known and known.status != RenewalStatus.STOPPED:
        return ask_clinic(rx_id, code)
    does = "The customer is asked to a check-in, which ends in a new prescription."
    return [Offer("renewals.begin", rx_id, "Begin the renewal", does)]


def offers(stuck: Stuck, code: str) -> list[Offer]:
    return [*first(renew(stuck, code), hold(stuck), note(stuck))]
