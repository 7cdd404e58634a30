"""A fill leaves its pharmacy: its parcel is noted and followed, once, however often the pharmacy tells of it."""

from __future__ import annotations

from ... import vendors
from ...lib.refusal import Invalid, Refused
from ...models import Fill, Order, OrderStatus, Shipment
from .. import cases, fills
from .._act import concerns
from ._record import label, number

NOT_FOLLOWED, RENUMBERED = "parcel_not_followed", "parcel_renumbered"  # the reasons of the cases


@fills.when_shipped
def of_fill(order: Order, fill: Fill) -> None:
    """Note the parcel; who recorded it before has done so already. What cannot be followed is a case."""
    if not (fill.carrier and fill.tracking_number and vendors.connected("tracking")):
        return
    if order.status == OrderStatus.CANCELED:
        return  # that it left all the same is a case of its own
    try:
        code = number(fill.tracking_number)
        if known := _known(order, fill, code):
            _joined(known, fill, code)
            return
        shipment = label(order, carrier=fill.carrier, tracking_code=code, fill=fill.id)
    except (Refused, Invalid) as no:
        _cannot_follow(order, fill, no)
        return
    cases.close_when_solved(NOT_FOLLOWED, fill.id, "the parcel is followed")
    concerns(*shipment.related())


def _known(order: Order, fill: Fill, code: str) -> Shipment | None:
    """The parcel of this fill, or the one with its number that somebody recorded by hand."""
    of_order = Shipment.of_order(order.id)
    of_fill = [one for one in of_order if one.fill_id in {fill.id, fill.external_id} - {None}]
    return next((one for one in of_order if one.tracking_code == code), of_fill[0] if of_fill else None)


def _joined(known: Shipment, fill: Fill, code: str) -> None:
    shipment = Shipment.lock(known.id)
    shipment.fill_id = fill.id
    cases.close_when_solved(NOT_FOLLOWED, fill.id, "the parcel is followed")
    if shipment.tracking_code != code and not shipment.final:
        says = f"{fill.pharmacy.name} put another label on this parcel: its fill has the new number. Follow that one."
        suggests = {"act": "shipments.relabel", "url": f"{shipment.url}/relabel", "label": "New label"}
        cases.open_case(RENUMBERED, shipment.id, says=says, suggests=suggests, about=shipment.related())


def _cannot_follow(order: Order, fill: Fill, no: Refused | Invalid) -> None:
    why = (
        no.message
        if isinstance(no, Refused)
        else " ".join(words for each in no.errors.values() for words in each)
    )
    says = f"Order {order.reference} left {fill.pharmacy.name}, and its parcel is not followed. {why}"
    suggests = {"act": "shipments.record", "url": f"{order.url}/shipment", "label": "Record the parcel"}
    cases.open_case(NOT_FOLLOWED, fill.id, says=says, suggests=suggests, about=fill.related())
