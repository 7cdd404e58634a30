"""The drip: what a customer is sent until they have answered, never at night, never twice, and never after they have."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from ...db import db, instant
from ...lib.zones import daytime, zone_of
from ...models import Customer, Prescription, Profile, Renewal, RenewalStatus
from .. import messages
from .._act import act, performing, say
from .._actor import Actor
from ._days import today_of

_S = RenewalStatus
#: Days after it was found, and what is sent then.
STEPS = ((0, "check_in_due"), (3, "check_in_reminder"), (7, "check_in_reminder"), (14, "check_in_reminder"))


def due(limit: int = 200) -> list[str]:
    """Renewals of which a step is due."""
    query = select(Renewal.id).where(Renewal.next_at <= instant()).order_by(Renewal.next_at, Renewal.id)
    found = list(db.session.scalars(query.limit(limit)))
    db.session.rollback()
    return found


@act(robots=("clock",))
def step(renewal_id: str, *, by: Actor) -> Renewal:
    """Take the next step: write to the customer, or see that it was in vain. Who opted out or cannot be written to is not,
    and the steps go on: the board shows them."""
    customer = Customer.lock(Renewal.require(renewal_id).customer_id)
    renewal = Renewal.lock(renewal_id)
    now = performing().now
    if renewal.next_at is None or renewal.next_at > now or renewal.status not in (_S.DUE, _S.DRIPPING):
        say("It has moved on")
        return renewal
    rx = Prescription.require(renewal.prescription_id)
    if renewal.sent >= len(STEPS):
        return _in_vain(renewal, rx, customer)
    asleep = daytime(zone_of(customer.ships_to.state if customer.ships_to else None), now)
    if asleep > now:
        renewal.next_at = asleep
        say("It is night where the customer lives: later")
        return renewal
    why_not = messages.why_not_write(customer) or _opted_out(customer)
    if why_not is None:
        message = messages.write(customer, template=STEPS[renewal.sent][1], data={})
        renewal.messages = [*renewal.messages, message.id]
    renewal.sent += 1
    renewal.move_to(_S.DRIPPING)
    renewal.next_at = _next(renewal)
    say(why_not or f"Asked the customer for a check-in, {renewal.sent} of {len(STEPS)}")
    return renewal


def _next(renewal: Renewal) -> datetime:
    """When the next step is; after the last one, when the prescription has ended."""
    if renewal.sent < len(STEPS):
        return renewal.created_at + timedelta(days=STEPS[renewal.sent][0])
    return performing().now + timedelta(days=1)


def _in_vain(renewal: Renewal, rx: Prescription, customer: Customer) -> Renewal:
    """Every step was taken. It has lapsed once nothing can be filled from the prescription any more."""
    today = today_of(customer, performing().now)
    if rx.fills_left and rx.expires_on and rx.expires_on >= today and rx.status == "active":
        renewal.next_at = performing().now + timedelta(days=1)
        say("The customer has not answered; what is left can still be filled")
        return renewal
    renewal.next_at = None
    renewal.move_to(_S.LAPSED)
    say("The prescription has ended and the customer never answered")
    return renewal


def _opted_out(customer: Customer) -> str | None:
    profile = Profile.of(customer.id).get("customerio")
    return "The customer opted out of reminders." if profile and profile.facts.get("unsubscribed") else None
