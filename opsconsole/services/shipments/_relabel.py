"""A parcel travels by another label than the customer was told: another number, perhaps another carrier."""

from __future__ import annotations

from sqlalchemy import select

from ... import vendors
from ...db import db
from ...lib.refusal import Refused
from ...models import Customer, Message, MessageStatus, Order, Shipment, ShipmentStatus
from .. import cases, messages
from .._act import act, performing, say, warn
from .._actor import Actor
from ._follow import ask_to_follow
from ._late import judge
from ._of_fill import RENUMBERED
from ._record import NoTracker, must_be_free, number

TEMPLATE = "tracking_changed"
_S = ShipmentStatus


class AlreadyThere(Refused):
    """It arrived, or goes back."""


class SameLabel(Refused):
    """It has this label already."""


@act
def relabel(
    shipment_id: str, *, carrier: str, service: str, tracking_code: str, reason: str, by: Actor
) -> Shipment:
    """Follow the parcel by its new label and write to the customer once that the number has changed.

    Raises NoTracker, AlreadyThere, SameLabel, CodeTaken, Invalid.
    """
    known = Shipment.require(shipment_id)
    customer = Customer.lock(known.customer_id)
    Order.lock(known.order_id)
    shipment = Shipment.lock(shipment_id)
    if not vendors.connected("tracking"):
        raise NoTracker("Nothing is connected that follows parcels: set EASYPOST_API_KEY.")
    if shipment.status in (_S.DELIVERED, _S.RETURNING, _S.RETURNED):
        raise AlreadyThere("It arrived or goes back: record another parcel instead.")
    code = number(tracking_code)
    if (carrier, code) == (shipment.carrier, shipment.tracking_code):
        raise SameLabel("The parcel has this carrier and number already.", field="tracking_code")
    must_be_free(code, carrier, performing().now)
    before = shipment.parcel
    shipment.carrier, shipment.service, shipment.tracking_code = carrier, service, code
    shipment.external_id, shipment.raw_status, shipment.exception_code = None, "", None
    shipment.promised_on = shipment.last_scan_at = shipment.lost_at = None
    shipment.fetched_at = None
    shipment.labelled_at = performing().now
    shipment.move_to(_S.LABEL_CREATED)
    judge(shipment, performing().now)
    ask_to_follow(shipment)
    cases.close_when_solved(RENUMBERED, shipment.id, "it has another label")
    _tell(customer, shipment, by)
    say(f"Parcel {before} travels as {shipment.parcel}: {reason}")
    return shipment


def _tell(customer: Customer, shipment: Shipment, by: Actor) -> None:
    """One message, however often the label changes before it leaves."""
    if not vendors.connected("crm") or not customer.email:
        warn("The customer is not told: there is no address to write to.")
        return
    waiting = select(Message.id).where(
        Message.order_id == shipment.order_id,
        Message.template == TEMPLATE,
        Message.status == MessageStatus.PLANNED,
    )
    if db.session.scalar(waiting.limit(1)) is None:
        messages.send(customer.id, template=TEMPLATE, order=shipment.order_id, refund=None, by=by)
