"""What the console has read of the story's people at Stripe and Customer.io: exactly what those hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from psycopg.types.json import Jsonb

from ..models import Profile
from ..services import customers
from ..vendors.crm import ContactFacts
from ..vendors.payments import CustomerFacts
from ._chance import Chance
from ._people import Card
from ._story import Person


def default_card(person: Person) -> Card | None:
    """The card that Stripe charges unless told otherwise: the one that paid last."""
    paid = [payment for order in person.orders for payment in order.payments]
    return max(paid, key=lambda payment: payment.at).card if paid else None


def profiles(person: Person, until: datetime) -> Iterator[tuple[type[Profile], dict[str, Any]]]:
    """A profile per system that knows the person, most of them read within the last day."""
    held: dict[str, Any] = {"customerio": ContactFacts(person.id, person.email, person.phone, False)}
    if person.stripe_id:
        held["stripe"] = _at_stripe(person, person.stripe_id)
    for system in customers.SYSTEMS:
        if (found := held.get(system.code)) is None:
            continue
        chance = Chance("profile", f"{system.code} {person.reference}")
        read_at = max(person.since, until - chance.hours(0, 28))
        yield Profile, {
            "id": chance.our_id("pfl", read_at), "created_at": read_at, "customer_id": person.id,
            "system": system.code, "external_id": found.id, "facts": Jsonb(system.reads.facts(found)),
            "fetched_at": read_at,
        }  # fmt: skip


def _at_stripe(person: Person, id: str) -> CustomerFacts:
    card = default_card(person)
    return CustomerFacts(
        id=id,
        email=person.email,
        name=person.name,
        deleted=False,
        created_at=datetime.fromtimestamp(int(person.since.timestamp()), UTC),
        phone=person.phone,
        delinquent=False,
        card_brand=card.brand if card else None,
        card_last4=card.last4 if card else None,
        card_exp_month=card.month if card else None,
        card_exp_year=card.year if card else None,
    )
