"""Timelines: everything that happened to a thing, page by page, with filters."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from ..models import (
    Adjustment,
    AdjustmentBatch,
    Approval,
    Banner,
    Case,
    Collection,
    Correction,
    CreditNote,
    Customer,
    Drift,
    Fill,
    Incident,
    Invoice,
    Message,
    Order,
    Payment,
    Plan,
    Prescription,
    PrescriptionRequest,
    Product,
    Record,
    Refund,
    Replacement,
    Shipment,
    Visit,
)
from ..services import search
from ._happened import chosen, happened_since
from ._reading import wants_json
from ._who import actor, reads

pages = Blueprint("timelines", __name__)
# Each noun with a timeline, and the noun whose readers may read it.
NOUNS: dict[type[Record], str] = {
    noun: noun.PLURAL
    for noun in (
        Customer, Product, Order, Payment, Refund, Fill, Message, Case, Approval, Banner, Shipment, Plan, Invoice, Visit,
        Customer, Product, Order, Payment, Refund, Fill, Message, Case, Approval, Banner, Shipment, Plan, Invoice,
        Prescription,
    )
} | {
    PrescriptionRequest: Prescription.PLURAL,
    Correction: Customer.PLURAL, CreditNote: Invoice.PLURAL,
    Collection: Payment.PLURAL, Drift: "reconciliation", Replacement: Replacement.PLURAL,
    Incident: Incident.PLURAL, Adjustment: Adjustment.PLURAL, AdjustmentBatch: Adjustment.PLURAL,
}  # fmt: skip


def _show(noun: type[Record]) -> Callable[[str], ResponseReturnValue]:
    def show(record_id: str) -> ResponseReturnValue:
        given = chosen({name: value for name, value in request.args.items() if name != "after"})
        record = noun.require(record_id)
        timeline = happened_since(record, request.args.get("after"), given)
        if wants_json():
            items = [entry.as_json | {"trace": entry.trace} for entry in timeline.entries]
            return jsonify({"items": items, "next": timeline.next})
        part = _part()
        answer = make_response(
            render_template(f"timelines/{part}.html", timeline=timeline, on=search.hit(record, actor()))
        )
        if part == "_list":  # changed on the thing's own page, whose URL then shows the same list
            answer.headers["HX-Push-Url"] = timeline.own_url
        return answer

    return show


def _part() -> str:
    """What the page already has need not be sent again: older entries go beneath, a filter makes the list anew."""
    if not request.htmx:  # type: ignore[attr-defined]
        return "show"
    return "_older" if request.args.get("after") else "_list"


def _register(noun: type[Record], readers: str) -> None:
    url = f"/{noun.PLURAL}/<record_id>/timeline"
    pages.add_url_rule(url, noun.PLURAL, reads(readers)(_show(noun)))


for _noun, _readers in NOUNS.items():
    _register(_noun, _readers)
