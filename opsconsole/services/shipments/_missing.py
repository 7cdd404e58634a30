"""A parcel that is called delivered and that the customer has not: report_missing -> turned_up, or it is made good."""

from __future__ import annotations

from ...lib.refusal import Refused
from ...models import Customer, Order, Shipment, ShipmentStatus
from .._act import act, performing, say
from .._actor import Actor


class NotDelivered(Refused):
    """The carrier does not say that it arrived: it is looked for in another way."""


class ReportedAlready(Refused):
    """The customer has told us before."""


class NotReported(Refused):
    """Nobody says that it is missing."""


@act
def report_missing(shipment_id: str, *, by: Actor) -> Shipment:
    """The customer says that a parcel did not come which the carrier calls delivered. It counts as missing until it is
    replaced or refunded, or turns up. Raises NotDelivered, ReportedAlready."""
    shipment = _locked(shipment_id)
    if why_not := why_not_report(shipment):
        raise (ReportedAlready if shipment.missing_at else NotDelivered)(why_not)
    shipment.missing_at = performing().now
    say(f"The customer says that parcel {shipment.parcel} did not come")
    return shipment


@act
def turned_up(shipment_id: str, *, by: Actor) -> Shipment:
    """The customer has it after all, or it was reported by mistake. Raises NotReported."""
    shipment = _locked(shipment_id)
    if shipment.missing_at is None:
        raise NotReported("Nobody says that this parcel is missing.")
    shipment.missing_at = None
    say(f"Parcel {shipment.parcel} turned up: the customer has it")
    return shipment


def why_not_report(shipment: Shipment) -> str | None:
    """Why it cannot be reported missing now; None when it can."""
    if shipment.missing_at:
        return f"The customer told us so on {shipment.missing_at:%-d %b %Y} already."
    if shipment.status != ShipmentStatus.DELIVERED:
        words = shipment.status.replace("_", " ")
        return f"The carrier says that this parcel is {words}, not that it arrived: ask the carrier, or mark it lost."
    return None


def _locked(shipment_id: str) -> Shipment:
    known = Shipment.require(shipment_id)
    Customer.lock(known.customer_id)
    Order.lock(known.order_id)
    return Shipment.lock(shipment_id)
