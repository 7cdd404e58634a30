"""FHIR R4's MedicationDispense: https://hl7.org/fhir/R4/medicationdispense.html"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._asking import object_in
from . import DispenseFacts
from ._fhir_elements import Record, decimal, instant, objects, status, text
from ._fhir_prescriptions import days
from ._fhir_references import Beside, id_of

# https://hl7.org/fhir/R4/valueset-medicationdispense-status.html
STATUSES = {
    "preparation": "preparing",
    "in-progress": "preparing",
    "on-hold": "on_hold",
    "completed": "dispensed",
    "cancelled": "canceled",
    "declined": "canceled",
    "stopped": "canceled",
    "entered-in-error": "entered_in_error",
}


def dispense(found: Record, beside: Beside) -> DispenseFacts:
    data = found.data
    orders = objects(data.get("authorizingPrescription"))
    named = (id_of(one, "MedicationRequest", beside=beside, within=data) for one in orders)
    return DispenseFacts(
        **found.seen,
        **status(data, STATUSES),
        prescription=next(filter(None, named), None),
        patient=id_of(data.get("subject"), "Patient", beside=beside, within=data),
        quantity=decimal(object_in(data.get("quantity") or {}).get("value")),
        days_supply=days(data.get("daysSupply")),
        dispensed_at=_dispensed_at(data),
        pharmacy=_pharmacy(data, beside),
        ref=found.ref,
    )


def _dispensed_at(data: Mapping[str, Any]) -> Any:
    """When it was handed over; when it was ready, of one that is done and tells no more."""
    ready = data.get("whenPrepared") if data.get("status") == "completed" else None
    return instant(data.get("whenHandedOver")) or instant(ready)


def _pharmacy(data: Mapping[str, Any], beside: Beside) -> str | None:
    """Who filled it: the organization's or the place's id there, or what it is called."""
    actors = [object_in(one.get("actor") or {}) for one in objects(data.get("performer"))]
    told = [*actors, object_in(data.get("location") or {})]
    for kind in ("Organization", "Location"):
        for one in told:
            if id := id_of(one, kind, beside=beside, within=data, by=False):
                return id
    return next(filter(None, (text(one.get("display"), 100) for one in told[::-1])), None)
