"""Prescriptions: what may be filled, how often still, and until when."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..models import Customer, Fill, Prescription, PrescriptionStatus, Provider
from ..services import prescriptions, sight
from ._browser import at
from ._happened import happened
from ._listing import asked, common, listed, shown
from ._masking import told as told_phi
from ._page import now
from ._who import actor, reads
from .causes import panel, told_findings

pages = Blueprint("prescriptions", __name__)


def told(rx: Prescription) -> dict[str, Any]:
    return common(rx) | {
        "customer": f"/customers/{rx.customer_id}",
        "external_id": rx.external_id,
        "sku": rx.sku,
        **told_phi(rx, "drug"),
        "quantity": rx.quantity,
        "days_supply": rx.days_supply,
        "refills_authorised": rx.refills_authorised,
        "fills_used": rx.fills_used,
        "fills_left": rx.fills_left,
        "written_on": rx.written_on.isoformat() if rx.written_on else None,
        "expires_on": rx.expires_on.isoformat() if rx.expires_on else None,
        "provider": f"/providers/{rx.provider_id}" if rx.provider_id else None,
        "raw_status": rx.raw_status,
        "fetched_at": at(rx.fetched_at),
    }


@pages.get("/prescriptions")
@reads("prescriptions", prescriptions.LIST)
def list() -> ResponseReturnValue:
    found = prescriptions.find(**asked())
    return listed(
        found,
        told,
        "prescriptions/list.html",
        statuses=PrescriptionStatus,
        customers=Customer.each(rx.customer_id for rx in found.items),
        today=now().date(),
    )


@pages.get("/prescriptions/<prescription_id>")
@reads("prescriptions")
def show(prescription_id: str) -> ResponseReturnValue:
    rx = Prescription.require(prescription_id)
    return shown(
        rx, lambda: told(rx) | {"findings": told_findings(rx)}, "prescriptions/show.html", lambda: _page(rx)
    )


def _page(rx: Prescription) -> dict[str, Any]:
    return {
        "rx": rx,
        "causes": panel(rx),
        "drug": sight.shown(rx, "drug", to=actor(), patient=rx.customer_id),
        "customer": Customer.require(rx.customer_id),
        "provider": Provider.get(rx.provider_id) if rx.provider_id else None,
        "fills": Fill.of_prescription(rx.external_id),
        "today": now().date(),
        "timeline": happened(rx),
    }
