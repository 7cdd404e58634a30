"""What the CRM holds of subscriptions is told to it, so that nothing there relies on a clock or a copy of its own.

E-mail and phone stay the CRM's: these three attributes are all that is ever written, and none of them is about health.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from ... import vendors
from ...db import db
from ...models import Customer, Effective, Projection, Promise, PromiseStatus, Subscription
from ...vendors.crm import ContactFacts
from .. import outbox, subscriptions
from .._act import act, performing, say
from .._actor import Actor
from ..outbox import keeper
from ._zones import day_in, zone_of

_E = Effective
# Of several subscriptions the one that a customer would name: what charges before what stands still or is over.
_FIRST = (
    _E.ACTIVE, _E.TRIAL, _E.PAST_DUE, _E.UNPAID, _E.BLOCKED, _E.COLLECTION_PAUSED, _E.PAUSED, _E.CANCELING,
    _E.INCOMPLETE, _E.UNKNOWN, _E.CANCELED,
)  # fmt: skip
PAUSED = (_E.PAUSED, _E.COLLECTION_PAUSED)
SOON = timedelta(seconds=5)  # what moves together is told together


def facts_of(customer: Customer, subscriptions_: list[Subscription]) -> dict[str, str]:
    """The attributes as they are to be: the state of the subscription that counts, and the soonest dates of all; "" for
    none. Days are those where the customer lives."""
    zone = zone_of(customer.ships_to.state if customer.ships_to else None)
    states = sorted((one.stands for one in subscriptions_), key=_FIRST.index)
    charges = [
        one.next_charge_at for one in subscriptions_ if one.next_charge_at and one.stands not in PAUSED
    ]
    pauses = [one.pauses_until for one in subscriptions_ if one.pauses_until]
    return {
        "subscription_state": states[0].value if states else "",
        "next_charge_on": day_in(zone, min(charges)).isoformat() if charges else "",
        "pauses_until": day_in(zone, min(pauses)).isoformat() if pauses else "",
    }


@subscriptions.when_moved
def follow(one: Subscription) -> None:
    """In the act that took it in: have the CRM told, if it does not hold just that."""
    customer = Customer.get(one.customer_id or "")
    if customer is None or not vendors.connected("crm"):
        return
    db.session.flush()
    facts = facts_of(customer, Subscription.of_customer(customer.id))
    held = Projection.of_customer(customer.id)
    if held is None:
        held = Projection(customer_id=customer.id, facts=facts).add()
    elif (held := Projection.lock(held.id)).facts == facts:
        return
    held.facts, held.told_at = facts, None
    _owe(held)


def _owe(projection: Projection) -> None:
    """One promise a customer: one that was not tried yet tells the newest instead."""
    asks = {"customer": projection.customer_id, "facts": dict(projection.facts)}
    query = select(Promise).where(
        Promise.subject_id == projection.id,
        Promise.status == PromiseStatus.WAITING,
        Promise.attempts == 0,
    )
    waiting = db.session.scalar(
        query.order_by(Promise.position.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if waiting:
        waiting.arguments = asks
        return
    outbox.promise(
        tells,
        projection,
        lane=f"crm:{projection.customer_id}:facts",
        says="Customer.io is told how the subscription stands",
        arguments=asks,
        due_in=SOON,
    )


@act(robots=("worker",))
def projected(projection_id: str, *, facts: ContactFacts, fetched_at: datetime, by: Actor) -> Projection:
    """The CRM took it in."""
    projection = Projection.lock(projection_id)
    owed = [one for one in outbox.of(projection.id) if one.status == PromiseStatus.WAITING]
    if not owed:
        projection.told_at = performing().now
    say("Customer.io holds how the subscription stands")
    return projection


@act(robots=("worker",))
def unprojected(projection_id: str, *, code: str, words: str, by: Actor) -> Projection:
    """The CRM does not know them: it is told when the subscription moves again, and nobody has to look."""
    projection = Projection.lock(projection_id)
    projection.facts = {}
    say(f"Customer.io did not take it: {words}")
    return projection


tells = keeper(
    "lifecycle.project", call="crm.update_facts", then=projected, declined=unprojected, takes_no=True
)
