"""The parcels of orders that are on their way or lately arrived, as the console and EasyPost hold them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..models import OrderStatus, Scan, Shipment, ShipmentStatus
from ..services.shipments import thresholds
from . import _moves
from ._calls import Row
from ._chance import Chance
from ._fills import filled
from ._labels import label_of
from ._story import Bought, Person

_O, _S = OrderStatus, ShipmentStatus
_STANDS = {_O.SHIPPED: _S.IN_TRANSIT, _O.DELIVERED: _S.DELIVERED, _O.RETURNED: _S.RETURNED}
_RAW = {
    _S.LABEL_CREATED: "pre_transit", _S.IN_TRANSIT: "in_transit", _S.OUT_FOR_DELIVERY: "out_for_delivery",
    _S.DELIVERED: "delivered", _S.RETURNING: "return_to_sender",
}  # fmt: skip
_SAYS = {
    _S.LABEL_CREATED: ("label_created", "Shipping label created"),
    _S.IN_TRANSIT: ("arrived_at_facility", "Arrived at a facility"),
    _S.OUT_FOR_DELIVERY: ("out_for_delivery", "Out for delivery"),
    _S.DELIVERED: ("arrived_at_destination", "Delivered"),
    _S.RETURNING: ("return", "On its way back to the sender"),
}
_FROM = "Fresno, CA, US"


@dataclass(frozen=True)
class Told:
    """A scan of the story."""

    at: datetime
    status: ShipmentStatus
    place: str


@dataclass(frozen=True)
class Parcel:
    id: str
    tracker: str
    carrier: str
    service: str
    code: str
    labelled_at: datetime
    scans: tuple[Told, ...]
    status: ShipmentStatus


def parcel(order: Bought, until: datetime) -> Parcel | None:
    """None for an order that was not packed, or that arrived more than a month ago."""
    status = _STANDS.get(order.status)
    if status is None:
        return None
    chance = Chance("parcel", order.id)
    shipped_at = next((move.at for move in _moves.of_order(order) if move.after is _O.SHIPPED), order.since)
    labelled_at = max(order.placed_at, shipped_at - chance.hours(2, 14))
    home = f"{order.ship_to.city}, {order.ship_to.state}, US"
    told = [Told(labelled_at, _S.LABEL_CREATED, _FROM), Told(shipped_at, _S.IN_TRANSIT, _FROM)]
    end = order.since if status is not _S.IN_TRANSIT else until
    if status is not _S.IN_TRANSIT:
        way = end - shipped_at
        told.append(Told(shipped_at + way * 0.55, _S.IN_TRANSIT, home))
        told.append(Told(shipped_at + way * 0.9, _S.OUT_FOR_DELIVERY, home))
        if status is _S.RETURNED:
            told.append(Told(shipped_at + way * 0.92, _S.RETURNING, home))
        told.append(Told(end, _S.DELIVERED, home if status is _S.DELIVERED else _FROM))
    elif end - shipped_at > timedelta(hours=30):
        told.append(Told(shipped_at + timedelta(hours=28), _S.IN_TRANSIT, home))
    carrier, service, code = label_of(order.id)
    return Parcel(
        chance.our_id("shp", labelled_at), f"trk_{chance.getrandbits(128):032x}", carrier, service, code, labelled_at,
        tuple(told), status,
    )  # fmt: skip


def rows(order: Bought, person: Person, until: datetime) -> Iterator[Row]:
    """The parcel and its scans as the console holds them."""
    one = parcel(order, until)
    if one is None:
        return
    heard = timedelta(minutes=20)  # from a scan to the console
    last = one.scans[-1]
    watch_at = _watched(one, last.at, until) if one.status is _S.IN_TRANSIT else None
    delivered = [scan.at for scan in one.scans if scan.status is _S.DELIVERED]
    yield Shipment, {
        "id": one.id, "created_at": one.labelled_at, "status": one.status.value,
        "status_since": min(until, last.at + heard), "order_id": order.id, "customer_id": person.id,
        "fill_id": fill.id if (fill := filled(order)) and fill.tracking_number else None,
        "carrier": one.carrier, "service": one.service, "tracking_code": one.code, "external_id": one.tracker,
        "raw_status": _RAW[last.status], "exception_code": "return" if one.status is _S.RETURNED else None,
        "promised_on": (one.labelled_at + timedelta(days=6)).date(), "labelled_at": one.labelled_at,
        "scans_from": one.labelled_at, "last_scan_at": last.at,
        "delivered_at": delivered[0] if one.status is _S.DELIVERED else None, "lost_at": None, "late": None,
        "watch_at": watch_at, "fetched_at": min(until, last.at + heard),
    }  # fmt: skip
    for n, scan in enumerate(one.scans):
        detail, message = _SAYS[scan.status]
        yield Scan, {
            "id": Chance("scan", f"{one.id}.{n}").our_id("scn", scan.at), "created_at": min(until, scan.at + heard),
            "shipment_id": one.id, "tracking_code": one.code, "occurred_at": scan.at, "status": scan.status.value,
            "raw_status": _RAW[scan.status], "detail": detail, "message": message, "place": scan.place,
        }  # fmt: skip


def told_to_easypost(person: Person, until: datetime) -> Iterator[dict[str, Any]]:
    """The same as EasyPost holds them."""
    for order in person.orders:
        if one := parcel(order, until):
            yield {
                "id": one.tracker, "tracking_code": one.code, "carrier": one.carrier,
                "created": one.labelled_at.isoformat(),
                "est_delivery": (one.labelled_at + timedelta(days=6)).isoformat(),
                "scans": [_told(scan) for scan in one.scans],
            }  # fmt: skip


def _told(scan: Told) -> dict[str, str]:
    detail, message = _SAYS[scan.status]
    city, state, _ = scan.place.split(", ")
    return {
        "at": scan.at.isoformat(), "status": _RAW[scan.status], "detail": detail, "message": message, "city": city,
        "state": state,
    }  # fmt: skip


def _watched(one: Parcel, last_scan_at: datetime, until: datetime) -> datetime | None:
    """When the clock has to look at it: at once where it is late already, so that its case is a real one."""
    shipment = Shipment(
        status=one.status, carrier=one.carrier, service=one.service, labelled_at=one.labelled_at,
        last_scan_at=last_scan_at, promised_on=(one.labelled_at + timedelta(days=6)).date(),
    )  # fmt: skip
    ahead = thresholds(shipment)
    return until if ahead.passed(until) else ahead.next(until)
