"""Each night: which prescriptions come to their end, and who is to be asked for the next one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Exists, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from ...db import db, instant
from ...lib.refusal import Refused
from ...models import (
    Customer,
    Prescription,
    PrescriptionStatus,
    Product,
    Renewal,
    RenewalCause,
    RenewalStatus,
    Subscription,
    SubscriptionItem,
)
from ...models.subscription import LIVE
from .._act import act, performing, say
from .._actor import Actor
from ._days import days_by_state, elsewhere

BEFORE = timedelta(days=45)  # how long before its last day a prescription is renewed
AFTER = timedelta(days=120)  # and until how long after it
FEW = 1  # fills left, at which the next charge is the last one that is covered
_S = PrescriptionStatus
_MAY_END = (_S.ACTIVE, _S.DEPLETED, _S.EXPIRED)


class NotRenewable(Refused):
    """This prescription is not renewed: something else is to be done."""


def to_track(limit: int = 500) -> Sequence[str]:
    """Prescriptions that come to their end, that a subscription goes on to need, and that nobody has looked after yet."""
    at: datetime = db.session.scalar(select(instant()))  # type: ignore[assignment]
    days = days_by_state(at)
    today = func.coalesce(days.c.today, elsewhere(at))
    left = Prescription.refills_authorised + 1 - Prescription.fills_used
    query = (
        select(Prescription.id)
        .join(Customer, Customer.id == Prescription.customer_id)
        .outerjoin(days, days.c.state == Customer.ship_to["state"].astext)
        .where(
            Prescription.status.in_(_MAY_END),
            or_(Prescription.expires_on <= today + BEFORE.days, left <= FEW),
            or_(Prescription.expires_on.is_(None), Prescription.expires_on >= today - AFTER.days),
            ~exists().where(Renewal.prescription_id == Prescription.id),
            ~_taken_over(),
            _needed(),
        )
        .order_by(Prescription.expires_on, Prescription.id)
        .limit(limit)
    )
    found = db.session.scalars(query).all()
    db.session.rollback()
    return found


def _taken_over() -> Exists:
    """Another one covers the same already, and longer."""
    other = aliased(Prescription)
    return exists().where(
        other.customer_id == Prescription.customer_id,
        other.sku == Prescription.sku,
        other.id != Prescription.id,
        other.status == _S.ACTIVE,
        other.refills_authorised + 1 > other.fills_used,
        or_(other.expires_on.is_(None), other.expires_on > Prescription.expires_on),
    )


def _needed() -> Exists:
    """A subscription for it will be charged again."""
    return exists().where(
        Subscription.customer_id == Prescription.customer_id,
        Subscription.status.in_(LIVE),
        Subscription.cancel_at.is_(None),
        ~Subscription.cancel_at_period_end,
        SubscriptionItem.subscription_id == Subscription.id,
        and_(Product.id == SubscriptionItem.product_id, Product.sku == Prescription.sku),
    )


@act(robots=("clock",))
def track(prescription_id: str, *, by: Actor) -> Renewal | None:
    """Write down that it has to be renewed. Once for each prescription."""
    rx = _locked(prescription_id)
    if Renewal.of_prescription(rx.id):
        say("It is looked after already")
        return None
    few = rx.fills_left <= FEW
    renewal = open_renewal(rx, RenewalCause.FEW_FILLS if few else RenewalCause.EXPIRING, by=by)
    say(f"A prescription has to be renewed: {RenewalCause.words_of(renewal.because).lower()}")
    return renewal


@act
def begin(prescription_id: str, *, by: Actor) -> Renewal:
    """A person begins it early, or again after it was stopped. Raises NotRenewable."""
    rx = _locked(prescription_id)
    if rx.status not in _MAY_END:
        raise NotRenewable("Only a prescription that can be filled, or could until lately, is renewed.")
    if rx.sku is None:
        raise NotRenewable("Nobody has said yet which product this prescription is for: map that first.")
    known = Renewal.of_prescription(rx.id)
    if known and known.status != RenewalStatus.STOPPED:
        raise NotRenewable("Its renewal is under way, or was done: see its page.")
    renewal = open_renewal(rx, RenewalCause.PERSON, by=by)
    say("Began the renewal of a prescription")
    return renewal


def open_renewal(rx: Prescription, because: RenewalCause, *, by: Actor) -> Renewal:
    """In an act: the row that the drip goes by. Its first step is due at once."""
    now = performing().now
    return Renewal(
        status=RenewalStatus.DUE, prescription_id=rx.id, customer_id=rx.customer_id, because=because.value,
        due_on=needed_by(rx), next_at=now, by=by.label, trace_id=performing().trace, created_at=now, messages=[],
    ).add()  # fmt: skip


def needed_by(rx: Prescription) -> date | None:
    """The day by which the next one is needed: its last day, or the next charge when no fill is left for that."""
    charge = next_charge(rx)
    days = [rx.expires_on, charge.date() if charge and rx.fills_left == 0 else None]
    return min((day for day in days if day), default=None)


def next_charge(rx: Prescription) -> datetime | None:
    """When the customer is charged for it next."""
    query = (
        select(func.min(Subscription.next_charge_at))
        .join(SubscriptionItem, SubscriptionItem.subscription_id == Subscription.id)
        .join(Product, Product.id == SubscriptionItem.product_id)
        .where(Subscription.customer_id == rx.customer_id, Product.sku == rx.sku)
    )
    return db.session.scalar(query)


def _locked(prescription_id: str) -> Prescription:
    Customer.lock(Prescription.require(prescription_id).customer_id)
    return Prescription.lock(prescription_id)
