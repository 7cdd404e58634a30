"""Where a customer's future orders ship: readdress -> move -> moved. The healthcare system owns it and is asked first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ... import vendors
from ...lib.refusal import Invalid, Refused
from ...models import STATES, Customer, ExternalId, Order, Promise, PromiseStatus, ShipTo
from ...vendors.healthcare import PatientFacts, PostalAddress
from .. import outbox
from .._act import act, concerns, say, warn
from .._actor import Actor
from ..outbox import Reopened, keeper, promise
from ._elsewhere import move_order, other_state
from ._settle_address import SYSTEM, patient_of, take_in


class NoHealthRecord(Refused):
    """Nobody is connected who keeps the customer's address."""


class SameAddress(Refused):
    """Their parcels go there already."""


class AddressUnderWay(Refused):
    """An earlier change is on its way to the healthcare system."""


@act
def readdress(customer_id: str, *, ship_to: ShipTo, orders: Sequence[str], by: Actor) -> Customer:
    """Ship a customer's future orders elsewhere, and those of their unshipped `orders` that are named, by id.

    The healthcare system owns the address: it is asked, and ours follows once it confirms. The named orders change at
    once, each by orders.readdress; whoever is named on them is not kept there.
    Raises NoHealthRecord, SameAddress, AddressUnderWay, Invalid, and what orders.readdress raises.
    """
    customer = Customer.lock(customer_id)
    patient = _asked(customer)
    before, future = customer.ships_to, not _stands(customer, ship_to)
    if future and underway(customer.id):
        raise AddressUnderWay(
            "An earlier change of the address is on its way, or in a case: let that be done first."
        )
    if future:
        if odd := other_state(customer, before, ship_to):
            warn(odd)
        _ask(customer, patient, ship_to)
    moved = [id for id in dict.fromkeys(orders) if move_order(_of(customer, id), ship_to, by)]
    if not future and not moved:
        raise SameAddress("Their parcels go to that address already.")
    concerns(*moved)
    also = f"{len(moved)} of their orders" if len(moved) != 1 else "one of their orders"
    places = [*(["future orders"] if future else []), *([also] if moved else [])]
    say(f"Wants {' and '.join(places)} shipped elsewhere")
    return customer


def why_not_readdress(customer: Customer, known: Sequence[ExternalId] | None = None) -> str | None:
    """Why the address cannot be changed here; None when it can. `known` are the customer's ids, where they were read."""
    if not vendors.connected("healthcare"):
        return "Addresses belong to the healthcare system, and none is connected. Orders can be changed one by one."
    if patient_of(customer, known) is None:
        return "The healthcare system does not know this customer: the shop has told no id of theirs."
    return None


def underway(customer_id: str) -> Promise | None:
    """The change that is on its way to the healthcare system, or waits for a person."""
    over = (PromiseStatus.KEPT, PromiseStatus.WITHDRAWN, PromiseStatus.DISMISSED)
    waiting = [one for one in outbox.of(customer_id) if one.kind == move.name and one.status not in over]
    return waiting[-1] if waiting else None


def _asked(customer: Customer) -> str:
    if why_not := why_not_readdress(customer):
        raise NoHealthRecord(why_not)
    return patient_of(customer) or ""


def _stands(customer: Customer, wanted: ShipTo) -> bool:
    known = customer.ship_to
    return bool(known) and PostalAddress.of(known or {}) == PostalAddress.of(wanted.as_json)


def _of(customer: Customer, order: str) -> str:
    found = Order.get(order.rsplit("/", 1)[-1])
    if found is None or found.customer_id != customer.id:
        raise Invalid({"orders": ["That is no order of this customer's."]})
    return found.id


def _ask(customer: Customer, patient: str, ship_to: ShipTo) -> None:
    asked = _asks(patient, PostalAddress.of(ship_to.as_json))
    promise(move, customer, lane=f"{SYSTEM}:Patient/{patient}", says=asked.says, arguments=asked.arguments)


def _asks(patient: str, address: PostalAddress) -> Reopened:
    """What the healthcare system is asked, and how people read it. It keeps no addressee."""
    says = "The healthcare system takes over where the customer’s parcels go"
    return Reopened(says, {"patient": patient, "ship_to": address.as_json})


@act(robots=("worker",))
def moved(customer_id: str, *, facts: PatientFacts, fetched_at: datetime, by: Actor) -> Customer:
    """The healthcare system holds it now, and so it changes here."""
    customer = Customer.lock(customer_id)
    take_in(customer, facts, fetched_at=fetched_at)
    say("The healthcare system confirmed the new address")
    return customer


@act(robots=("worker",))
def unmoved(customer_id: str, *, code: str, words: str, by: Actor) -> Customer:
    """The healthcare system said no, and nothing changes here. The outbox opens the case."""
    customer = Customer.lock(customer_id)
    say(f"The healthcare system declined the new address: {words}")
    return customer


def _reopened(customer_id: str, *, fix: dict[str, Any], by: Actor) -> Reopened | None:
    """A person tries a declined change again, perhaps with a part of the address put right."""
    Customer.lock(customer_id)
    made = underway(customer_id)
    if made is None or not fix:
        return None  # the same request goes out again, unchanged
    parts = {name: " ".join(str(value).split()) for name, value in fix.items()}
    if (
        any(not value or len(value) > 100 for value in parts.values())
        or parts.get("state", "CA") not in STATES
    ):
        raise Invalid(
            {"fix": ["Write the part of the address that is wrong; the state as two capital letters."]}
        )
    return _asks(made.arguments["patient"], PostalAddress.of(made.arguments["ship_to"] | parts))


move = keeper(
    "customers.move",
    call="healthcare.change_address",
    then=moved,
    declined=unmoved,
    reopened=_reopened,
    fixable=("line1", "city", "state", "zip"),
)
