"""Reading parcels."""

from __future__ import annotations

from ...models import Shipment, ShipmentStatus
from .._find import Listing, among, day, exactly, one_of_ours, yes

LIST = Listing(
    Shipment,
    {
        "status": among(Shipment.status, ShipmentStatus, "Where it is."),
        "carrier": exactly(Shipment.carrier, "Who carries it, as it was recorded, like USPS."),
        "order": one_of_ours(Shipment.order_id, "Of which order; an id or its URL."),
        "customer": one_of_ours(Shipment.customer_id, "To whom; an id or its URL."),
        "labelled_from": day(Shipment.labelled_at, "Labelled on this day or later, 2026-11-21, UTC."),
        "labelled_until": day(Shipment.labelled_at, "Labelled on this day or earlier.", until=True),
        "delivered_from": day(Shipment.delivered_at, "Delivered on this day or later."),
        "delivered_until": day(Shipment.delivered_at, "Delivered on this day or earlier.", until=True),
        "late": yes(Shipment.late.is_not(None), "Those that take longer than they should.", few=True),
        "tracking_code": exactly(Shipment.tracking_code, "The carrier's number.", few=True),
    },
    size=46,
)
find = LIST.find
