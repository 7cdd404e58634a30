"""A parcel has its label: whoever made it tells us."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select

from ... import vendors
from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import Customer, Order, OrderStatus, Shipment, ShipmentStatus
from .._act import act, performing, say
from .._actor import Actor
from ._follow import ask_to_follow
from ._late import judge

REUSED_AFTER = timedelta(days=120)  # by then the number of another parcel may be used again
_O = OrderStatus
_NOT_YET = {_O.DRAFT, _O.AWAITING_VISIT, _O.IN_REVIEW, _O.AWAITING_RX, _O.AWAITING_PAYMENT}
_NEVER = {_O.CANCELED, _O.REJECTED}


class NoTracker(Refused):
    """This installation follows no parcels."""


class NotShippable(Refused):
    """Nothing of the order can have been packed."""


class CodeTaken(Refused):
    """Another parcel has this number."""


@act
def record(
    order_id: str, *, carrier: str, tracking_code: str, service: str, fill: str | None, promised_on: date | None,
    labelled_at: datetime | None, by: Actor,
) -> Shipment:  # fmt: skip
    """Note a parcel of an order and have it followed.

    `fill` is what the pharmacy calls its work, `labelled_at` when the label was made; now unless given. Raises NoTracker,
    NotShippable, CodeTaken, Invalid.
    """
    Customer.lock(Order.require(order_id).customer_id)
    order = Order.lock(order_id)
    shipment = label(
        order, carrier=carrier, tracking_code=tracking_code, service=service, fill=fill, promised_on=promised_on,
        labelled_at=labelled_at,
    )  # fmt: skip
    say(f"Parcel {shipment.parcel} has its label")
    return shipment


def label(
    order: Order, *, carrier: str, tracking_code: str, service: str = "", fill: str | None = None,
    promised_on: date | None = None, labelled_at: datetime | None = None,
) -> Shipment:  # fmt: skip
    """The same inside another act, which has locked the order. Raises as `record` does."""
    if not vendors.connected("tracking"):
        raise NoTracker("Nothing is connected that follows parcels: set EASYPOST_API_KEY.")
    if order.status in _NOT_YET | _NEVER:
        raise NotShippable(
            f"This order is {order.status.replace('_', ' ')}: nothing of it can have been packed."
        )
    now = performing().now
    if labelled_at and labelled_at > now + timedelta(hours=1):
        raise Invalid({"labelled_at": ["A label cannot have been made in the future."]})
    code = number(tracking_code)
    must_be_free(code, carrier, now)
    shipment = Shipment(
        status=ShipmentStatus.LABEL_CREATED,
        order_id=order.id,
        customer_id=order.customer_id,
        fill_id=fill,
        carrier=carrier,
        service=service,
        tracking_code=code,
        promised_on=promised_on,
        labelled_at=labelled_at or now,
        scans_from=labelled_at or order.placed_at,  # when nobody told, it is not older than its order
        created_at=now,
    ).add()
    judge(shipment, now)
    ask_to_follow(shipment)
    return shipment


def number(text: str) -> str:
    """A number as carriers print it: capital letters and digits. Raises Invalid."""
    code = "".join(text.split()).replace("-", "").upper()
    if not 8 <= len(code) <= 40 or not code.isascii() or not code.isalnum():
        raise Invalid({"tracking_code": ["Write the number on the label: 8 to 40 letters and digits."]})
    return code


def must_be_free(code: str, carrier: str, now: datetime) -> None:
    """Raises CodeTaken while another parcel with this number may be on its way."""
    query = select(Shipment.id).where(
        Shipment.tracking_code == code, Shipment.carrier == carrier, Shipment.created_at > now - REUSED_AFTER
    )
    if db.session.scalar(query.limit(1)):
        raise CodeTaken(
            "A parcel with this number is known already: find it by the number.", field="tracking_code"
        )
