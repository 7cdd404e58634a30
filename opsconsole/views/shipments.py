"""Parcels: where each is, what carriers wrote down of it, and what staff do about one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import DateField, SelectField, StringField, ValidationError
from wtforms.validators import Optional

from .. import vendors
from ..models import Customer, Fill, Intercept, Order, Scan, Shipment, ShipmentStatus
from ..services import audit, cases, outbox, prescriptions, shipments
from ._acting import Asked, NoInput, performs
from ._browser import at
from ._fields import Reason, SelectChoice, instant, required, text
from ._happened import happened
from ._listing import Acts, act_on, asked, common, listed, shown
from ._live import PAGE, live
from ._masking import written
from ._who import reads

pages = Blueprint("shipments", __name__)
CARRIERS = ("USPS", "UPS", "FedEx", "DHLExpress", "OnTrac")
LATE = {
    "not_scanned": "Not scanned yet",
    "no_movement": "Does not move",
    "too_long": "Takes too long",
    "past_promise": "Past its promised day",
}


def told(shipment: Shipment, asked_to_stop: Sequence[Intercept]) -> dict[str, Any]:
    return common(shipment, acts_of(shipment, asked_to_stop)) | {
        "order": f"/orders/{shipment.order_id}",
        "customer": f"/customers/{shipment.customer_id}",
        "fill": shipment.fill_id,
        "carrier": shipment.carrier,
        "service": shipment.service,
        "tracking_code": shipment.tracking_code,
        "external_id": shipment.external_id,
        "raw_status": shipment.raw_status,
        "exception_code": shipment.exception_code,
        "promised_on": shipment.promised_on.isoformat() if shipment.promised_on else None,
        "labelled_at": at(shipment.labelled_at),
        "last_scan_at": at(shipment.last_scan_at),
        "delivered_at": at(shipment.delivered_at),
        "lost_at": at(shipment.lost_at),
        "missing_at": at(shipment.missing_at),
        "late": shipment.late,
        "fetched_at": at(shipment.fetched_at),
    }


def told_intercept(one: Intercept) -> dict[str, Any]:
    return {
        "id": one.id, "status": one.status, "by": one.by, "at": at(one.created_at), "reason": written(one.reason),
        "confirmation": one.external_id, "ended_at": at(one.ended_at),
    }  # fmt: skip


def scanned(scan: Scan) -> dict[str, Any]:
    return {
        "at": at(scan.occurred_at), "status": scan.status, "raw_status": scan.raw_status, "detail": scan.detail,
        "message": scan.message, "place": scan.place,
    }  # fmt: skip


def acts_of(shipment: Shipment, asked_to_stop: Sequence[Intercept]) -> Acts:
    relabel = act_on(
        shipment, "shipments.relabel", f"{shipment.url}/relabel", "New label", why_not=_no_label(shipment)
    )
    lost = act_on(
        shipment,
        "shipments.mark_lost",
        f"{shipment.url}/mark_lost",
        "Mark it lost",
        why_not=_not_lost(shipment),
    )
    why_not = shipments.why_not_intercept(Order.require(shipment.order_id), shipment, asked_to_stop)
    stop = act_on(shipment, "shipments.intercept", f"{shipment.url}/intercept", "Stop it", why_not=why_not)
    return [stop, lost, _missing(shipment), relabel]


def _missing(shipment: Shipment) -> dict[str, Any]:
    """Of a delivered parcel: whether the customer has it."""
    if shipment.missing_at:
        return act_on(shipment, "shipments.turned_up", f"{shipment.url}/turned_up", "It turned up")
    why_not = shipments.why_not_report(shipment)
    url = f"{shipment.url}/report_missing"
    return act_on(shipment, "shipments.report_missing", url, "Not received", why_not=why_not)


def _no_label(shipment: Shipment) -> str | None:
    if not vendors.connected("tracking"):
        return "Nothing is connected that follows parcels."
    ended = (ShipmentStatus.DELIVERED, ShipmentStatus.RETURNING, ShipmentStatus.RETURNED)
    return "It arrived or goes back: record another parcel instead." if shipment.state in ended else None


def _not_lost(shipment: Shipment) -> str | None:
    if shipment.final or shipment.status == ShipmentStatus.RETURNING:
        return f"This parcel is {shipment.status}."
    given_up = shipment.lost_at and shipment.status == ShipmentStatus.EXCEPTION
    return "This parcel was given up already." if given_up else None


def record_on(order: Order) -> dict[str, Any]:
    """The act of noting a parcel, as the order's page offers it."""
    why_not = None if vendors.connected("tracking") else "Nothing is connected that follows parcels."
    return act_on(order, "shipments.record", f"{order.url}/shipment", "Record parcel", why_not=why_not)


@pages.get("/shipments")
@reads("shipments", shipments.LIST)
def list() -> ResponseReturnValue:
    found = shipments.find(**asked())
    to_stop = Intercept.of_each([shipment.id for shipment in found.items])
    return listed(
        found,
        lambda shipment: told(shipment, to_stop[shipment.id]),
        "shipments/list.html",
        statuses=ShipmentStatus,
        carriers=CARRIERS,
        late=LATE,
        orders=Order.each(shipment.order_id for shipment in found.items),
    )


@pages.get("/shipments/<shipment_id>")
@reads("shipments")
def show(shipment_id: str) -> ResponseReturnValue:
    shipment = Shipment.require(shipment_id)

    def whole() -> dict[str, Any]:
        to_stop = Intercept.of(shipment.id)
        return told(shipment, to_stop) | {
            "scans": [scanned(scan) for scan in shipment.scans()],
            "intercepts": [told_intercept(one) for one in to_stop],
            "trail": prescriptions.of_shipment(shipment).as_json,
        }

    return live(
        [shipment.status, shipment.late, shipment.fetched_at, audit.movement(shipment.id)],
        lambda: shown(shipment, whole, "shipments/show.html", lambda: _page(shipment)),
        every=PAGE,
    )


def _page(shipment: Shipment) -> dict[str, Any]:
    return {
        "shipment": shipment,
        "order": Order.require(shipment.order_id),
        "customer": Customer.require(shipment.customer_id),
        "fill": Fill.get(shipment.fill_id) if shipment.fill_id else None,
        "scans": shipment.scans()[::-1],
        "intercepts": (to_stop := Intercept.of(shipment.id)),
        "late": LATE,
        "trail": prescriptions.of_shipment(shipment),
        "promises": [one for one in outbox.of(shipment.id) if one.status != "kept"],
        "acts": acts_of(shipment, to_stop),
        "cases": cases.of(shipment.id),
        "timeline": happened(shipment),
    }


class LabelForm(Reason):
    """What stands on a label. `carrier` offers those that are known; others may be sent by programs too."""

    carrier = SelectField(
        "Carrier", required("Choose who carries it."), choices=[SelectChoice("", "Choose…"), *(
            SelectChoice(name, name) for name in CARRIERS
        )],
    )  # fmt: skip
    service = StringField(
        "Service", text(60), description="As the carrier calls it, like Priority. May be left out."
    )
    tracking_code = StringField(
        "Tracking number",
        text(60, needed=True),
        description="As it stands on the label; spaces do not matter.",
    )


class RecordForm(LabelForm):
    reason = None  # type: ignore[assignment]  # a parcel that is simply there needs none
    fill = StringField("Fill", text(80), description="The pharmacy's number of its work. May be left out.")
    promised_on = DateField(
        "Promised for", [Optional()], description="The day that was promised to the customer."
    )
    labelled_at = StringField(
        "Label made at",
        text(40),
        description="ISO 8601 with its offset; now unless given. Older scans do not count.",
    )

    def validate_labelled_at(self, field: StringField) -> None:
        if field.data and instant(field.data) is None:
            raise ValidationError("Write an instant like 2026-11-21T10:00:00Z.")


@pages.route("/orders/<order_id>/shipment", methods=["GET", "POST"])
@performs(shipments.record, RecordForm)
def record(form: RecordForm, order_id: str) -> Asked:
    order = Order.require(order_id)
    return Asked(
        order_id,
        lambda: {
            "carrier": form.carrier.data,
            "tracking_code": form.tracking_code.data or "",
            "service": form.service.data or "",
            "fill": form.fill.data or None,
            "promised_on": form.promised_on.data,
            "labelled_at": instant(form.labelled_at.data) if form.labelled_at.data else None,
        },
        context={"order": order, "submit": "Record the parcel"},
        done="The parcel is recorded, and EasyPost is asked to follow it.",
    )


@pages.route("/shipments/<shipment_id>/relabel", methods=["GET", "POST"])
@performs(shipments.relabel, LabelForm)
def relabel(form: LabelForm, shipment_id: str) -> Asked:
    shipment = Shipment.require(shipment_id)
    return Asked(
        shipment_id,
        lambda: {
            "carrier": form.carrier.data,
            "tracking_code": form.tracking_code.data or "",
            "service": form.service.data or "",
            "reason": form.reason.data,
        },
        context={"shipment": shipment, "submit": "Follow the new label"},
        done="The parcel is followed by its new label.",
    )


@pages.route("/shipments/<shipment_id>/mark_lost", methods=["GET", "POST"])
@performs(shipments.mark_lost, Reason)
def mark_lost(form: Reason, shipment_id: str) -> Asked:
    shipment = Shipment.require(shipment_id)
    return Asked(
        shipment_id,
        lambda: {"reason": form.reason.data},
        context={"shipment": shipment, "submit": "Mark it lost"},
        done="The parcel counts as lost. Its case asks for what comes next.",
    )


@pages.route("/shipments/<shipment_id>/report_missing", methods=["GET", "POST"])
@performs(shipments.report_missing)
def report_missing(form: NoInput, shipment_id: str) -> Asked:
    shipment = Shipment.require(shipment_id)
    return Asked(
        shipment_id,
        context={"shipment": shipment, "scans": shipment.scans()[::-1][:5], "submit": "It did not come"},
        done="It counts as missing. Replace it or give the money back, unless it turns up.",
    )


@pages.route("/shipments/<shipment_id>/turned_up", methods=["GET", "POST"])
@performs(shipments.turned_up)
def turned_up(form: NoInput, shipment_id: str) -> Asked:
    shipment = Shipment.require(shipment_id)
    return Asked(
        shipment_id, context={"shipment": shipment, "submit": "It turned up"}, done="The customer has it."
    )


@pages.route("/shipments/<shipment_id>/intercept", methods=["GET", "POST"])
@performs(shipments.intercept, Reason)
def intercept(form: Reason, shipment_id: str) -> Asked:
    shipment = Shipment.require(shipment_id)
    return Asked(
        shipment_id,
        lambda: {"reason": form.reason.data},
        context={
            "shipment": shipment,
            "order": Order.require(shipment.order_id),
            "how": shipments.how_to_stop(shipment.carrier),
            "submit": "Have it stopped",
        },
        done="It is written down. Now somebody has to ask the carrier: the case says where and what to say.",
    )
