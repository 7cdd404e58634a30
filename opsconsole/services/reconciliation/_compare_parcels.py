"""One parcel as the vendor knows it, against what we hold: pure comparison, nothing is asked and nothing written."""

from __future__ import annotations

from collections.abc import Sequence

from ...models import Order, OrderStatus, Scan, Shipment, ShipmentStatus
from ...vendors.tracking import TrackerFacts
from .. import shipments
from ._finding import Finding, words

PORT = "tracking"


def of_parcel(
    shipment: Shipment,
    order: Order,
    of_order: Sequence[Shipment],
    known: Sequence[Scan],
    facts: TrackerFacts | None,
) -> list[Finding]:
    """In what a parcel of ours differs from the vendor's. `known` are the scans that we hold of it; None is a parcel that
    the vendor does not follow."""
    if facts is None or facts.tracking_code.casefold() != shipment.tracking_code.casefold():
        theirs = "Not followed" if facts is None else f"Follows {facts.tracking_code}"
        return [] if shipment.final else [not_followed(shipment, order, theirs)]
    gone = shipments.way(shipment.labelled_at, [*known, *_new(shipment, known, facts)], shipment.lost_at)
    arrived = gone.delivered_at is not None and all(
        one.delivered_at or one.status == ShipmentStatus.VOIDED for one in of_order if one.id != shipment.id
    )
    if gone.status == ShipmentStatus.DELIVERED and arrived and order.status == OrderStatus.SHIPPED:
        ours = f"Order shipped, parcel {words(shipment.status)}"
        return [_finding("order_not_delivered", shipment, order, ours, facts.raw_status)]
    if gone.status != shipment.status:
        return [_finding("parcel_behind", shipment, order, words(shipment.status), facts.raw_status)]
    return []


def _new(shipment: Shipment, known: Sequence[Scan], facts: TrackerFacts) -> list[Scan]:
    """The vendor's scans that we have not written down, unsaved."""
    had = {(scan.occurred_at, scan.raw_status, scan.place) for scan in known}
    return [
        Scan(
            shipment_id=shipment.id, tracking_code=shipment.tracking_code, occurred_at=scan.occurred_at,
            status=scan.state.value, raw_status=scan.raw_status, detail=scan.detail, place=scan.place,
        )
        for scan in facts.scans
        if scan.occurred_at >= shipment.scans_from and (scan.occurred_at, scan.raw_status, scan.place) not in had
    ]  # fmt: skip


def not_followed(shipment: Shipment, order: Order, theirs: str) -> Finding:
    return _finding("parcel_not_followed", shipment, order, words(shipment.status), theirs)


def _finding(kind: str, shipment: Shipment, order: Order, ours: str, theirs: str) -> Finding:
    return Finding(
        kind,
        shipment.id,
        PORT,
        ours[:1].upper() + ours[1:],
        theirs,
        shipment.external_id,
        order,
        shipment=shipment,
    )
