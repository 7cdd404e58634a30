"""The healthcare system tells where a customer's parcels go, or was asked because the shop named them: ours follows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update

from ...db import db
from ...models import Customer, ExternalId
from ...vendors.healthcare import PatientFacts, PostalAddress
from .._act import act, say
from .._actor import Actor
from ..inbox import Lookup
from ..outbox import keeper

SYSTEM = "healthcare"


@act(robots=("healthcare", "worker"))
def settle_address(
    ref: str, *, facts: PatientFacts | None, fetched_at: datetime, by: Actor
) -> Customer | None:
    """Mirror where a patient's parcels go, as freshly read. An older fetch never overwrites a newer one.

    `ref` is the patient's id when an event brings it, ours when a promise had them read.
    """
    known = Customer.by_external(SYSTEM, ref) or Customer.get(ref)
    if known is None:
        say("It is about a patient who is nobody’s customer here")
        return None
    customer = Customer.lock(known.id)
    if facts is None:
        say("The healthcare system does not know this customer")
        return customer
    before = customer.ship_to
    if not take_in(customer, facts, fetched_at=fetched_at):
        say("The healthcare system: known as of later")
    elif customer.ship_to == before:
        say("The healthcare system: nothing new")
    else:
        say(
            "The healthcare system: parcels go to another address"
            if before
            else "The healthcare system: an address"
        )
    return customer


def take_in(customer: Customer, facts: PatientFacts, *, fetched_at: datetime) -> bool:
    """Bring the mirror up to what was read, with the customer locked; False when it knows of later, which stays.

    A patient without an address has not said that there is none. Who is named on the parcels is ours.
    """
    if customer.ship_to_fetched_at and fetched_at < customer.ship_to_fetched_at:
        return False
    if facts.address and (found := _mirrored(customer, facts.address)) != customer.ship_to:
        customer.ship_to = found
    customer.ship_to_fetched_at = fetched_at
    db.session.execute(
        update(ExternalId)
        .where(ExternalId.system == SYSTEM, ExternalId.external_id == facts.id)
        .values(as_of=fetched_at)
        .execution_options(synchronize_session=False)
    )
    return True


def _mirrored(customer: Customer, address: PostalAddress) -> dict[str, Any]:
    return {"name": (customer.ship_to or {}).get("name", customer.name), **address.as_json}


def patient_of(customer: Customer, known: Sequence[ExternalId] | None = None) -> str | None:
    """Under which id the healthcare system knows the customer."""
    ids = customer.external_ids() if known is None else known
    return next((one.external_id for one in ids if one.system == SYSTEM), None)


read_patient = keeper(
    "customers.read_patient", call="healthcare.fetch_patient", then=settle_address, changes=False
)


def lookup_patient(external_id: str) -> Lookup | None:
    """How the healthcare system is asked; None for a patient who is nobody's here."""
    return Lookup((external_id,)) if Customer.by_external(SYSTEM, external_id) else None
