"""How a renewal ends: with the new prescription, with an answer, or with somebody who stops it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import (
    RENEWAL_OPEN,
    VISIT_TO_DECIDE,
    VISIT_WITH_PATIENT,
    Customer,
    Message,
    Prescription,
    PrescriptionStatus,
    Renewal,
    RenewalStatus,
    StopReason,
    Subscription,
    Visit,
    VisitStatus,
)
from .. import messages, prescriptions, subscriptions, visits
from .._act import act, say
from .._actor import Actor

_S = RenewalStatus


class NotOpen(Refused):
    """It is over."""


@act
def stop(renewal_id: str, *, reason: str, by: Actor) -> Renewal:
    """Nothing more is sent for it, and it does not begin again by itself. Raises NotOpen, Invalid."""
    if reason not in [one.value for one in StopReason]:
        raise Invalid({"reason": [f"Choose one of: {', '.join(StopReason)}."]})
    Customer.lock(Renewal.require(renewal_id).customer_id)
    renewal = Renewal.lock(renewal_id)
    if why := why_not_stop(renewal):
        raise NotOpen(why)
    end(renewal, _S.STOPPED, reason=reason)
    say(f"Stopped the renewal: {StopReason.words_of(reason).lower()}")
    return renewal


def why_not_stop(renewal: Renewal) -> str | None:
    return None if renewal.open or renewal.status == _S.LAPSED else "It is over already."


def end(renewal: Renewal, status: RenewalStatus, *, reason: str | None = None) -> None:
    """In an act: it moves there, nothing more is sent, and what was only planned is taken back."""
    renewal.next_at = None
    renewal.reason = reason
    renewal.move_to(status)
    for message in Message.each(renewal.messages).values():
        messages.take_back(message)
    asked = Visit.lock(renewal.visit_id) if renewal.visit_id else None
    if asked and asked.status in VISIT_WITH_PATIENT:
        visits.call_visit_off(asked)  # and with it what its reminders would have sent


@prescriptions.when_settled
def renewed(rx: Prescription, before: str | None) -> None:
    """A prescription that can be filled is there: what it takes the place of is renewed, also in the middle of the drip.
    How the customer's subscriptions stand follows."""
    _stand_anew(rx.customer_id)
    if rx.status != PrescriptionStatus.ACTIVE or not rx.fills_left or rx.sku is None:
        return
    for renewal, old in _open_for(rx):
        newer = rx.prior_external_id == old.external_id or (
            rx.written_on and old.written_on and rx.written_on > old.written_on
        )
        if newer:
            renewal.renewed_by_id = rx.id
            end(renewal, _S.RENEWED)


def _open_for(rx: Prescription) -> Sequence[tuple[Renewal, Prescription]]:
    query = (
        select(Renewal, Prescription)
        .join(Prescription, Prescription.id == Renewal.prescription_id)
        .where(
            Renewal.customer_id == rx.customer_id,
            Renewal.status.in_((*RENEWAL_OPEN, _S.LAPSED)),
            Prescription.sku == rx.sku,
            Prescription.id != rx.id,
        )
        .order_by(Renewal.id)
        .with_for_update(of=Renewal)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]


def _stand_anew(customer_id: str) -> None:
    for one in Subscription.of_customer(customer_id):
        if not one.final:
            subscriptions.stand(one, one.items())


@visits.when_moved
def answered(visit: Visit) -> None:
    """The visit that a renewal asked for has gone on: to a clinician, or to their answer."""
    query = select(Renewal).where(
        Renewal.visit_id == visit.id, Renewal.status.in_((*RENEWAL_OPEN, _S.LAPSED))
    )
    for renewal in db.session.scalars(query.with_for_update()).all():
        if visit.status in VISIT_TO_DECIDE:
            renewal.move_to(_S.REQUESTED)
        elif visit.status in (VisitStatus.DENIED, VisitStatus.REFERRED):
            end(renewal, _S.STOPPED, reason=StopReason.CLINICIAN_DENIED.value)


@subscriptions.when_moved
def no_longer_needed(one: Subscription) -> None:
    """What it is for has ended: nobody is reminded any more."""
    if not one.final or one.customer_id is None:
        return
    db.session.flush()
    wanted = subscriptions.skus_of(one.customer_id)
    query = (
        select(Renewal, Prescription.sku)
        .join(Prescription, Prescription.id == Renewal.prescription_id)
        .where(Renewal.customer_id == one.customer_id, Renewal.status.in_((_S.DUE, _S.DRIPPING)))
    )
    for renewal, sku in db.session.execute(query).all():
        if sku not in wanted and renewal.because != "person":
            end(renewal, _S.STOPPED, reason=StopReason.SUBSCRIPTION_ENDED.value)
