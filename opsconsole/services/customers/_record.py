"""The shop tells us of a customer: written down once per the shop's own reference, kept up to date after."""

from __future__ import annotations

from sqlalchemy import select

from ... import vendors
from ...db import db
from ...lib.refusal import Refused
from ...models import Customer, ExternalId, Profile
from .._act import act, performing, say
from .._actor import Actor
from ..outbox import promise
from ._birth_date import given_birth_date
from ._settle import read
from ._settle_address import SYSTEM, read_patient
from ._systems import owner_of
from ._when_known import known


class IdTaken(Refused):
    """Another customer has that id of the other system."""


@act(private=("birth_date",))
def record(
    *,
    reference: str,
    name: str,
    email: str | None,
    phone: str | None,
    external_ids: dict[str, str],
    birth_date: str | None = None,
    by: Actor,
) -> Customer:
    """Write a customer down, or correct what we know of one. `external_ids` is {system: id}, None as a `birth_date`
    leaves it.

    The same facts again change nothing. What another system owns and has told stays as it told it. What Stripe
    holds of a customer that is new to us is read. Raises IdTaken.
    """
    customer = db.session.scalar(select(Customer).where(Customer.reference == reference).with_for_update())
    if customer is None:
        customer = Customer(reference=reference, created_at=performing().now)
        say(f"Recorded customer {reference}")
    else:
        say(f"Updated customer {reference}")
    customer.name = name
    if birth_date and (born := given_birth_date(birth_date)) != customer.birth_date:
        customer.birth_date = born
    for field, told in (("email", email), ("phone", phone)):
        if not _has_owner(customer, field):
            setattr(customer, field, told)
    customer.add()
    for system, external_id in external_ids.items():
        _know(customer, system, external_id)
    return customer


def _has_owner(customer: Customer, field: str) -> bool:
    """Once the owner of a field has told it, the shop's word on it changes nothing any more."""
    owner = owner_of(field)
    profile = Profile.of(customer.id).get(owner.code) if owner and owner.connected and customer.id else None
    return profile is not None and bool(profile.facts.get(field))


def _know(customer: Customer, system: str, external_id: str) -> None:
    owner = Customer.by_external(system, external_id)
    if owner is not None and owner.id != customer.id:
        raise IdTaken(f"{system} {external_id} belongs to customer {owner.reference}.", field="external_ids")
    if owner is None:
        ExternalId(
            customer_id=customer.id, system=system, external_id=external_id, as_of=performing().now
        ).add()
        known(customer, system, external_id)
        if system == "stripe":
            _have_read(customer, external_id)
        elif system == SYSTEM and vendors.connected(SYSTEM):
            _have_patient_read(customer, external_id)


def _have_read(customer: Customer, external_id: str) -> None:
    promise(
        read,
        customer,
        lane=f"stripe:{external_id}",
        says="What Stripe holds of the customer is read",
        arguments={"id": external_id},
    )


def _have_patient_read(customer: Customer, external_id: str) -> None:
    promise(
        read_patient,
        customer,
        lane=f"{SYSTEM}:Patient/{external_id}",
        says="Where the healthcare system has the customer’s parcels go is read",
        arguments={"id": external_id},
    )
