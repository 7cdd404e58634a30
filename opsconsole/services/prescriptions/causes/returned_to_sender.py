"""The parcel came back. Medicine that came back is never sent again."""

from __future__ import annotations

from ....models import OrderStatus, ShipmentStatus
from ....vendors.pharmacy.codes import Fixer
from ._finding import Evidence, Found, Offer
from ._offers import of_order, on_day, readdress_customer
from ._seen import Seen

TITLE = "The parcel came back"
_BACK = (ShipmentStatus.RETURNING, ShipmentStatus.RETURNED)


def find(seen: Seen) -> Found | None:
    order = seen.order
    if order is None:
        return None
    parcel = next((one for one in reversed(seen.parcels) if one.status in _BACK), None)
    fill = next((one for one in seen.fills if one.code == "returned_to_sender"), None)
    if parcel is None and fill is None and order.status != OrderStatus.RETURNED:
        return None
    if any(child.kind == "replacement" for child in order.children()):
        return None  # it was made good already
    evidence = of_order(order)
    if parcel:
        evidence.insert(0, Evidence("Parcel", f"{parcel.status}, {on_day(parcel.status_since)}", parcel.url))
    if fill:
        evidence.insert(0, Evidence("The pharmacy says", "it came back to them", fill.url))
    again = Offer(
        "replacements.issue",
        order.id,
        "Send it anew",
        "A new parcel, to the right address; it uses a fill.",
        within=False,
    )
    back = Offer(
        "refunds.issue",
        order.id,
        "Give the money back",
        "Medicine that came back is destroyed.",
        within=False,
    )
    says = "The parcel came back: ask the customer for the right address, then send it anew or give the money back."
    return Found(says, Fixer.OPS, evidence, [again, readdress_customer(seen), back])
