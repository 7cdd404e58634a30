"""The vendor tells that a parcel moved."""

from __future__ import annotations

from datetime import datetime

from ...models import Order, Shipment
from ...vendors.tracking import TrackerFacts
from .._act import act, concerns, say
from .._actor import Actor
from ..inbox import Lookup
from ._take_in import take_in


@act(robots=("easypost",))
def settle(external_id: str, *, facts: TrackerFacts, fetched_at: datetime, by: Actor) -> Shipment | None:
    """Take in a parcel as the vendor knows it now: all of its scans, in the order in which they happened."""
    return taken_in(external_id, facts, fetched_at)


def taken_in(external_id: str, facts: TrackerFacts, fetched_at: datetime) -> Shipment | None:
    """The same inside another act. Two orders may share a box: then both take it in."""
    of_box = Shipment.by_external(external_id)
    if not of_box:
        say(f"Parcel {external_id} is none of ours")
        return None
    for known in sorted(of_box, key=lambda one: one.order_id):
        order = Order.lock(known.order_id)
        shipment = Shipment.lock(known.id)
        take_in(shipment, order, facts, fetched_at=fetched_at)
        concerns(*shipment.related())
    say(f"Parcel {shipment.parcel}: {shipment.state.value.replace('_', ' ')}")
    return shipment


def lookup(external_id: str) -> Lookup | None:
    """How the vendor is asked for a parcel; None for one that is none of ours."""
    return Lookup((external_id,)) if Shipment.by_external(external_id) else None
