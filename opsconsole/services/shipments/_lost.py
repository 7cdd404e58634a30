"""Giving a parcel up."""

from __future__ import annotations

from ...lib.refusal import Refused
from ...models import Order, Shipment, ShipmentStatus
from .._act import act, performing, say
from .._actor import Actor
from ._take_in import follow

_S = ShipmentStatus


class NotLost(Refused):
    """It is known where it is, or it was given up already."""


@act
def mark_lost(shipment_id: str, *, reason: str, by: Actor) -> Shipment:
    """Give a parcel up: it counts as lost until the carrier scans it again. A case asks for what comes next.

    Raises NotLost.
    """
    order = Order.lock(Shipment.require(shipment_id).order_id)
    shipment = Shipment.lock(shipment_id)
    if shipment.status in (_S.DELIVERED, _S.RETURNED, _S.VOIDED):
        raise NotLost(f"This parcel is {shipment.status}: it cannot be lost.")
    if shipment.status == _S.RETURNING:
        raise NotLost("This parcel is on its way back to the pharmacy.")
    if shipment.status == _S.EXCEPTION and shipment.lost_at:
        raise NotLost("This parcel was given up already.")
    shipment.lost_at = performing().now
    follow(shipment, order, shipment.scans(), Shipment.of_order(order.id))
    say(f"Gave parcel {shipment.parcel} up as lost: {reason}")
    return shipment
