"""An order's parcels in its parcel lane: what carriers scanned, and how the one stands that matters most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from ...db import db
from ...models import Holder, Order, OrderStatus, Replacement, Scan, Shipment, ShipmentStatus
from ._lane import Lane, Look, Point, Span, joined

_O, _S = OrderStatus, ShipmentStatus
# Before these nothing can have been packed: nothing is read.
_PACKED = {
    _O.SUBMITTED,
    _O.AT_PHARMACY,
    _O.ON_HOLD,
    _O.SHIPPED,
    _O.DELIVERED,
    _O.CLOSED,
    _O.RETURNED,
    _O.MANUAL_INTERVENTION,
}


@dataclass(frozen=True)
class Parcel:
    shipment: Shipment
    scans: Sequence[Scan]  # in the order in which they happened


def parcels(order: Order) -> list[Parcel]:
    """One statement, and none for an order of which nothing can have been packed."""
    if order.status not in _PACKED:
        return []
    query = (
        select(Shipment, Scan)
        .join(
            Scan,
            (Scan.shipment_id == Shipment.id) & (Scan.tracking_code == Shipment.tracking_code),
            isouter=True,
        )
        .where(Shipment.order_id == order.id)
        .order_by(Shipment.created_at, Shipment.id)
    )
    found: dict[Shipment, list[Scan]] = {}
    for shipment, scan in db.session.execute(query):
        found.setdefault(shipment, []).extend([scan] if scan else [])
    return [Parcel(one, sorted(scans, key=lambda scan: scan.place_in_time)) for one, scans in found.items()]


def replaced(order: Order) -> list[tuple[Replacement, str]]:
    """The replacements that stand, each with the reference of the order that it made. One statement, and none for an order
    of which nothing has left."""
    if order.status not in (_O.SHIPPED, _O.DELIVERED, _O.CLOSED, _O.RETURNED, _O.MANUAL_INTERVENTION):
        return []
    query = (
        select(Replacement, Order.reference)
        .join(Order, Order.id == Replacement.new_order_id)
        .where(Replacement.order_id == order.id)
        .order_by(Replacement.created_at, Replacement.id)
    )
    return [(one, reference) for one, reference in db.session.execute(query).tuples() if one.stands]


def with_replacements(lane: Lane, made: Sequence[tuple[Replacement, str]]) -> Lane:
    """The parcel lane, with when something was sent in the parcel's place."""
    points = [
        Point("replaced", one.created_at, f"Replaced by {reference}", "info", "square")
        for one, reference in made
    ]
    return (
        replace(lane, points=sorted([*lane.points, *points], key=lambda point: point.at)) if points else lane
    )


def with_parcels(lane: Lane, sent: Sequence[Parcel]) -> Lane:
    """The parcel lane of the order's own moves, with what its parcels tell."""
    sent = [one for one in sent if one.shipment.status != _S.VOIDED]
    if not sent:
        return lane
    points = sorted(
        [*lane.points, *(point for one in sent for point in _scanned(one))], key=lambda point: point.at
    )
    return replace(lane, spans=joined(_spans(lane.spans, sent)), points=points)


_LOOKS = {
    _S.IN_TRANSIT: ("info", "ring"),
    _S.OUT_FOR_DELIVERY: ("info", "ring"),
    _S.ATTEMPTED: ("warn", "triangle"),
    _S.PICKUP_READY: ("warn", "triangle"),
    _S.DELIVERED: ("good", "ring"),
    _S.EXCEPTION: ("bad", "cross"),
    _S.RETURNING: ("bad", "cross"),
}


def _scanned(one: Parcel) -> Iterator[Point]:
    """A point for each scan that says something new."""
    before: str | None = None
    for scan in one.scans:
        look = _LOOKS.get(scan.state)
        if look is None or scan.status == before:
            continue
        before = scan.status
        where = f", {scan.place}" if scan.place else ""
        words = scan.status.replace("_", " ")
        yield Point(f"scan_{scan.status}", scan.occurred_at, f"{one.shipment.carrier}: {words}{where}", *look)


_STANDS = {
    _S.EXCEPTION: ("Something went wrong on its way", "warn", Look.STOP, Holder.US),
    _S.RETURNING: ("On its way back", "warn", Look.STOP, Holder.US),
    _S.PICKUP_READY: ("Waits to be fetched", "warn", Look.WAIT, Holder.PATIENT),
    _S.ATTEMPTED: ("Could not be handed over", "warn", Look.WAIT, Holder.CARRIER),
    _S.OUT_FOR_DELIVERY: ("Out for delivery", "info", Look.WAIT, Holder.CARRIER),
}


def _spans(spans: Sequence[Span], sent: Sequence[Parcel]) -> Iterator[Span]:
    """The last span, while the order is on its way, from when the parcel stood as it does now."""
    yield from spans[:-1]
    last = spans[-1]
    if last.state == _O.AT_PHARMACY and (left := sum(one.shipment.last_scan_at is not None for one in sent)):
        parts = "1 parcel has" if left == 1 else f"{left} parcels have"
        yield replace(last, says=f"{parts} left, the rest is being prepared")
        return
    matters = sorted((one.shipment for one in sent), key=lambda one: [*_STANDS, one.state].index(one.state))[
        0
    ]
    if last.state != _O.SHIPPED or matters.status not in _STANDS:
        yield last
        return
    says, tone, look, holder = _STANDS[_S(matters.status)]
    since = max(last.since, matters.status_since)
    yield replace(last, until=since)
    yield replace(last, since=since, says=says, tone=tone, look=look, holder=holder)
