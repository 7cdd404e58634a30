"""A system tells of a customer, or was asked because the shop named them: the mirror follows."""

from __future__ import annotations

from datetime import datetime

from ...models import Customer, Profile
from ...vendors.crm import ContactFacts
from ...vendors.payments import CustomerFacts
from .._act import act, say
from .._actor import Actor
from ..inbox import Lookup
from ..outbox import keeper
from ._mirror import changed, take_in
from ._systems import holds


@act(robots=("stripe", "customerio", "worker"))
def settle(
    ref: str, *, facts: CustomerFacts | ContactFacts | None, fetched_at: datetime, by: Actor
) -> Customer | None:
    """Mirror a customer as freshly read. An older fetch never overwrites a newer one.

    `ref` is the system's id when an event brings it, ours when a promise had Stripe read.
    """
    known = Customer.by_external("stripe", ref) or Customer.get(ref)
    if known is None:
        say("It is about a customer of nobody's here")
        return None
    customer = Customer.lock(known.id)
    if facts is None:
        say("Stripe does not know this customer")
        return customer
    system = holds(facts)
    before = Profile.of(customer.id).get(system.code)
    differ = changed(before.facts if before else {}, mirrored := system.reads.facts(facts))
    if not take_in(customer, system, facts.id, mirrored, fetched_at=fetched_at):
        say(f"{system.name}: known as of later")
        return customer
    labels = [system.reads.labels.get(name, name).lower() for name in differ]
    say(f"{system.name}: {', '.join(labels) if labels else 'nothing new'}")
    return customer


read = keeper("customers.read", call="payments.fetch_customer", then=settle, changes=False)


def lookup(external_id: str) -> Lookup | None:
    """How the system of an event is asked; None for a customer that is nobody's here."""
    known = Customer.by_external("stripe", external_id) or Customer.get(external_id)
    return Lookup((external_id,)) if known else None
