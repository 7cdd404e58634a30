"""The drip: the customer is asked for a check-in, a visit of theirs is opened, and its reminders (services/visits) go on
until they have answered. What is never sent at night, twice, or after an opt-out is decided there."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from ...db import db, instant
from ...models import (
    VISIT_TO_DECIDE,
    VISIT_WITH_PATIENT,
    Customer,
    Prescription,
    PrescriptionStatus,
    Renewal,
    RenewalStatus,
    Visit,
    VisitKind,
)
from .. import gates, messages, visits
from .._act import act, performing, say
from .._actor import Actor

_S = RenewalStatus
FIRST = "check_in_due"  # the message that it begins with
_DAY = timedelta(days=1)
_NO_FORM = "It is not clear which form to ask: invite them to a visit."


def due(limit: int = 200) -> list[str]:
    """Renewals that are to be looked at now."""
    query = select(Renewal.id).where(Renewal.next_at <= instant()).order_by(Renewal.next_at, Renewal.id)
    found = list(db.session.scalars(query.limit(limit)))
    db.session.rollback()
    return found


@act(robots=("clock",))
def step(renewal_id: str, *, by: Actor) -> Renewal:
    """Ask the customer, once; afterwards see each day whether it was in vain."""
    customer = Customer.lock(Renewal.require(renewal_id).customer_id)
    renewal = Renewal.lock(renewal_id)
    now = performing().now
    if renewal.next_at is None or renewal.next_at > now:
        say("It is not time yet")
    elif renewal.status == _S.DUE:
        _ask(renewal, customer)
    else:
        _see(renewal, customer)
    return renewal


def _ask(renewal: Renewal, customer: Customer) -> None:
    now = performing().now
    awake = visits.awake(customer.ships_to.state if customer.ships_to else None, now)
    if awake > now:
        renewal.next_at = awake
        say("It is night where the customer lives: later")
        return
    form = visits.usual_form(customer)
    why_not = visits.why_not_invite(customer)
    if why_not or form is None:
        renewal.next_at = now + _DAY
        say(why_not or _NO_FORM)
        return
    visit = _standing(customer) or visits.open_visit(customer, VisitKind.RENEWAL, form)
    renewal.visit_id, renewal.next_at = visit.id, now + _DAY
    renewal.move_to(_S.REQUESTED if visit.status in VISIT_TO_DECIDE else _S.DRIPPING)
    out = "The customer opted out of reminders." if messages.opted_out(customer) else None
    unsaid = messages.why_not_write(customer) or out
    if unsaid is None and renewal.status == _S.DRIPPING:
        message = messages.write(customer, template=FIRST, data={})
        renewal.messages, renewal.sent = [*renewal.messages, message.id], renewal.sent + 1
    say(unsaid or "Asked the customer for a check-in")


def why_not_ask(customer: Customer) -> str | None:
    """Why nobody can ask the customer anything; None when they can be asked."""
    return visits.why_not_invite(customer) or (None if visits.usual_form(customer) else _NO_FORM)


def _standing(customer: Customer) -> Visit | None:
    """A visit that is open already, and answers the same."""
    query = select(Visit).where(
        Visit.customer_id == customer.id,
        Visit.kind == VisitKind.RENEWAL.value,
        Visit.status.in_((*VISIT_WITH_PATIENT, *VISIT_TO_DECIDE)),
    )
    return db.session.scalar(query.order_by(Visit.created_at.desc()).limit(1).with_for_update())


def _see(renewal: Renewal, customer: Customer) -> None:
    """It has lapsed once nothing can be filled from the prescription any more, and nobody is at it."""
    rx = Prescription.require(renewal.prescription_id)
    today = gates.day_of(customer.ships_to, performing().now)
    lasts = (
        rx.status == PrescriptionStatus.ACTIVE
        and rx.fills_left
        and not (rx.expires_on and rx.expires_on < today)
    )
    if lasts or renewal.status == _S.REQUESTED:
        renewal.next_at = performing().now + _DAY
        say("Nobody has answered; what is left can still be filled" if lasts else "A clinician is at it")
        return
    renewal.next_at = None
    renewal.move_to(_S.LAPSED)
    say("The prescription has ended and the customer never answered")
