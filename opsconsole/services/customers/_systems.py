"""The systems that hold something of a customer: which port reads each, what of it is shown, and what each owns.

A system appears on pages once its port is connected and there is a way to read it; until then it has its place
here and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ... import vendors
from ...lib.money import Money
from ...lib.refusal import NotFound
from ...models import Customer, ExternalId
from ...vendors.crm import ContactFacts
from ...vendors.payments import CustomerFacts

Facts = dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """How a customer is read there: port method `fetch`, whose answer `facts` turns into named public fields.

    `page` is the port method that gives the address of the vendor's own page; `labels` the fields as people
    know them, in the order in which they are shown.
    """

    fetch: str
    page: str
    facts: Callable[[Any], Facts]
    labels: dict[str, str]


@dataclass(frozen=True)
class System:
    """`code` names it in URLs and among a customer's external ids; `owns` are the things it has the last word on."""

    code: str
    name: str
    port: str
    owns: str
    reading: Reading | None = None

    @property
    def connected(self) -> bool:
        return self.reading is not None and vendors.connected(self.port)

    @property
    def reads(self) -> Reading:
        if self.reading is None:
            raise LookupError(f"{self.name} cannot be read.")
        return self.reading

    def id_of(self, customer: Customer, known: Sequence[ExternalId] | None = None) -> str | None:
        """Under which id it knows the customer: the CRM under ours, all others under one of their own. `known` are
        the customer's ids, where they were read."""
        if self.port == "crm":
            return customer.id
        ids = customer.external_ids() if known is None else known
        return next((k.external_id for k in ids if k.system == self.code), None)

    def page_of(self, external_id: str) -> str:
        """Where staff see the customer at the vendor itself."""
        return str(getattr(vendors.port(self.port), self.reads.page)(external_id))


def _stripe(found: CustomerFacts) -> Facts:
    card, expires = found.card_last4, None
    if found.card_exp_month and found.card_exp_year:
        expires = f"{found.card_exp_month:02}/{found.card_exp_year}"
    balance = Money(found.balance or 0, found.currency).as_json if found.currency else None
    return {
        "email": found.email,
        "name": found.name,
        "phone": found.phone,
        "card": f"{(found.card_brand or 'card').title()} ending {card}" if card else None,
        "card_expires": expires,
        "currency": found.currency,
        "balance": balance,
        "delinquent": found.delinquent,
        "created_at": found.created_at.isoformat() if found.created_at else None,
        "deleted": found.deleted,
    }


def _customerio(found: ContactFacts) -> Facts:
    own = {"email": found.email, "phone": found.phone, "unsubscribed": found.unsubscribed}
    return own | dict(found.attributes)


SYSTEMS = (
    System(
        "stripe", "Stripe", "payments", "Cards, charges, refunds, invoices, tax, billing address",
        Reading("fetch_customer", "customer_page", _stripe, {
            "email": "E-mail", "name": "Name", "phone": "Phone", "card": "Card", "card_expires": "Expires",
            "balance": "Balance", "currency": "Currency", "delinquent": "Past due",
            "created_at": "Since", "deleted": "Deleted",
        }),
    ),
    System(
        "customerio", "Customer.io", "crm", "E-mail, phone, marketing consent",
        Reading("fetch_contact", "contact_page", _customerio, {
            "email": "E-mail", "phone": "Phone", "unsubscribed": "Unsubscribed",
            "first_name": "First name", "last_name": "Last name", "language": "Language", "timezone": "Time zone",
            "subscription_state": "Subscription", "next_charge_on": "Next charge", "pauses_until": "Paused until",
        }),
    ),
    System("healthcare", "Healthcare", "healthcare", "Shipping address, medical background, prescriptions"),
    System("pharmacy", "Pharmacy", "pharmacy", "Fills and what was dispensed"),
    System("tracking", "Carriers", "tracking", "Scans of parcels"),
)  # fmt: skip
#: The one owner of each field of ours that somebody else has the last word on.
OWNERS = {"email": "customerio", "phone": "customerio"}


def connected() -> list[System]:
    """The systems that this installation can read, in the order in which they are shown."""
    return [system for system in SYSTEMS if system.connected]


def named(code: str) -> System:
    """The connected system of that name. Raises NotFound."""
    for system in connected():
        if system.code == code:
            return system
    raise NotFound(f"No system called {code[:40]} is connected.")


def holds(found: Any) -> System:
    """The system whose port tells such facts."""
    return _of("stripe" if isinstance(found, CustomerFacts) else "customerio")


def owner_of(field: str) -> System | None:
    """Who has the last word on a field of ours; None when we do."""
    return _of(OWNERS[field]) if field in OWNERS else None


def _of(code: str) -> System:
    return next(system for system in SYSTEMS if system.code == code)
