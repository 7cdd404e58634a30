"""Having the vendor follow a parcel: a worker asks, and what it answers is recorded."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ...lib.refusal import Invalid
from ...models import Order, Shipment
from ...vendors.tracking import TrackerFacts
from .._act import act, say
from .._actor import Actor
from ..outbox import Reopened, keeper, promise
from ._take_in import take_in


@act(robots=("worker",))
def followed(shipment_id: str, *, facts: TrackerFacts, fetched_at: datetime, by: Actor) -> Shipment:
    """The vendor follows the parcel, and tells at once what it knows of it."""
    order = Order.lock(Shipment.require(shipment_id).order_id)
    shipment = Shipment.lock(shipment_id)
    if facts.tracking_code.casefold() != shipment.tracking_code.casefold():
        say("EasyPost follows a number that this parcel no longer has")
        return shipment
    shipment.external_id = facts.id
    take_in(shipment, order, facts, fetched_at=fetched_at)
    say(f"EasyPost follows the parcel: {shipment.state.value.replace('_', ' ')}")
    return shipment


@act(robots=("worker",))
def unfollowed(shipment_id: str, *, code: str, words: str, by: Actor) -> Shipment:
    """The vendor cannot follow it: such a carrier or number is unknown there. The outbox opens the case."""
    shipment = Shipment.lock(shipment_id)
    say(f"EasyPost cannot follow the parcel: {words}")
    return shipment


def _reopened(shipment_id: str, *, fix: dict[str, Any], by: Actor) -> Reopened:
    """A person tries again, perhaps with the number put right."""
    shipment = Shipment.lock(shipment_id)
    for field, most in (("carrier", 40), ("tracking_code", 60)):
        if field in fix:
            value = str(fix[field]).strip()
            if not 0 < len(value) <= most or not value.isprintable():
                raise Invalid({"fix": [f"Write the {field.replace('_', ' ')}."]})
            setattr(shipment, field, value.upper() if field == "tracking_code" else value)
    return asks(shipment)


def asks(shipment: Shipment) -> Reopened:
    """What the vendor is asked, and how people read it."""
    arguments = {"carrier": shipment.carrier, "tracking_code": shipment.tracking_code}
    return Reopened(f"EasyPost follows {shipment.parcel}", arguments)


watcher = keeper(
    "shipments.follow",
    call="tracking.follow",
    then=followed,
    declined=unfollowed,
    reopened=_reopened,
    fixable=("carrier", "tracking_code"),
    expects=("parcel.scanned", "parcel.moving"),
)


def ask_to_follow(shipment: Shipment) -> None:
    """Promise that the vendor follows the parcel. It can be asked at once: nothing outside is changed for anybody."""
    asked = asks(shipment)
    promise(
        watcher,
        shipment,
        lane=f"tracking:{shipment.id}",
        says=asked.says,
        arguments=asked.arguments,
        due_in=timedelta(0),
    )
