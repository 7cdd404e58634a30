"""FHIR R4's MedicationRequest: https://hl7.org/fhir/R4/medicationrequest.html"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .. import Declined
from .._asking import object_in
from . import UNKNOWN, Face, PrescriptionFacts
from ._fhir_drugs import drug, medication
from ._fhir_elements import REF, Record, code, day, decimal, objects, prose, status, text, whole
from ._fhir_references import Beside, id_of, to

# https://hl7.org/fhir/R4/valueset-medicationrequest-status.html
STATUSES = {
    "draft": "draft",
    "active": "active",
    "on-hold": "on_hold",
    "completed": "depleted",
    "stopped": "discontinued",
    "cancelled": "cancelled",
    "entered-in-error": "entered_in_error",
}
#: What is proposed, planned or offered is no order yet: nothing may be filled from it.
NO_ORDERS = frozenset({"proposal", "plan", "option"})
_WOULD_BE = frozenset({"active", "on_hold", "depleted"})
#: UCUM's units of time, and what people write for them, in days.
_DAYS: dict[str, Decimal] = {
    **dict.fromkeys(("d", "day", "days", ""), Decimal(1)),
    **dict.fromkeys(("wk", "week", "weeks"), Decimal(7)),
    **dict.fromkeys(("mo", "month", "months"), Decimal(30)),
    **dict.fromkeys(("a", "year", "years"), Decimal(365)),
    **dict.fromkeys(("h", "hour", "hours"), Decimal(1) / 24),
}
UCUM = "http://unitsofmeasure.org"


def prescription(found: Record, beside: Beside) -> PrescriptionFacts:
    data = found.data
    told = status(data, STATUSES)
    if told["status"] in _WOULD_BE:
        told["status"] = _as_modified(data, told["status"])
    return PrescriptionFacts(
        **found.seen,
        **told,
        patient=id_of(data.get("subject"), "Patient", beside=beside, within=data),
        prescriber=id_of(data.get("requester"), "Practitioner", beside=beside, within=data),
        visit=id_of(data.get("encounter"), "Encounter", beside=beside, within=data),
        prior=id_of(data.get("priorPrescription"), "MedicationRequest", beside=beside, within=data),
        status_reason=code(data.get("statusReason")),
        ref=found.ref,
        face=face(data, beside),
    )


def _as_modified(data: Mapping[str, Any], status: str) -> str:
    """What else says whether it may be filled. Modifying extensions mean what we cannot know, and that may be a no:
    https://hl7.org/fhir/R4/extensibility.html#modifierExtension"""
    if data.get("modifierExtension") or data.get("doNotPerform") is True:
        return UNKNOWN
    return "draft" if text(data.get("intent")) in NO_ORDERS else status


def face(data: Mapping[str, Any], beside: Beside) -> Face:
    """What stands on it. Repeats do not count the first fill, and none are told where there are none."""
    dispense = object_in(data.get("dispenseRequest") or {})
    quantity = object_in(dispense.get("quantity") or {})
    named, keys = drug(data, beside)
    return Face(
        drug=named,
        keys=keys,
        sig=_sig(data),
        quantity=decimal(quantity.get("value")),
        unit=text(quantity.get("unit")) or text(quantity.get("code")),
        days_supply=days(dispense.get("expectedSupplyDuration")),
        refills=max(whole(dispense.get("numberOfRepeatsAllowed")) or 0, 0),
        written_on=day(data.get("authoredOn")),
        expires_on=day(object_in(dispense.get("validityPeriod") or {}).get("end"), last=True),
    )


def days(duration: Any) -> int | None:
    """A Duration in whole days, None for one that cannot be told in days."""
    told = object_in(duration or {})
    value = decimal(told.get("value"))
    unit = text(told.get("code")) or text(told.get("unit")).lower()
    if value is None or unit not in _DAYS:
        return None
    return int(value * _DAYS[unit])


def _sig(data: Mapping[str, Any]) -> str:
    """What the patient is told to do: each instruction's own words, in their order."""
    told = sorted(objects(data.get("dosageInstruction")), key=lambda one: whole(one.get("sequence")) or 0)
    said = (prose(one.get("text")) or prose(one.get("patientInstruction")) for one in told)
    return "\n".join(filter(None, said))[:2000]


def request(
    ref: str, *, patient: str, prescriber: str, face: Face, visit: str | None, prior: str | None
) -> dict[str, Any]:
    """The resource to make. Raises Declined for a face that nobody could fill."""
    for what, missing in (("drug", not face.drug.strip()), ("sig", not face.sig.strip())):
        if missing:
            raise Declined("required", f"A prescription says the {what}.")
    if face.refills < 0 or not _can_be_filled(face.quantity):
        raise Declined("value", "The quantity or the number of refills is none that can be filled.")
    if face.written_on and face.expires_on and face.expires_on < face.written_on:
        raise Declined("value", "The last day to fill it is before it was written.")
    dispense: dict[str, Any] = {"numberOfRepeatsAllowed": face.refills}
    if period := _period(face):
        dispense["validityPeriod"] = period
    if face.quantity is not None:
        dispense["quantity"] = {"value": number(face.quantity)} | ({"unit": face.unit} if face.unit else {})
    if face.days_supply:
        dispense["expectedSupplyDuration"] = {
            "value": face.days_supply, "unit": "days", "system": UCUM, "code": "d",
        }  # fmt: skip
    made: dict[str, Any] = {
        "resourceType": "MedicationRequest",
        "identifier": [{"system": REF, "value": ref}],
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": medication(face.drug, face.keys),
        "subject": to("Patient", patient),
        "requester": to("Practitioner", prescriber),
        "dosageInstruction": [{"text": face.sig}],
        "dispenseRequest": dispense,
    }
    if visit:
        made["encounter"] = to("Encounter", visit)
    if prior:
        made["priorPrescription"] = to("MedicationRequest", prior)
    if face.written_on:
        made["authoredOn"] = face.written_on.isoformat()
    return made


def _can_be_filled(quantity: Decimal | None) -> bool:
    return quantity is None or (quantity.is_finite() and 0 < quantity < 1_000_000)


def _period(face: Face) -> dict[str, str]:
    """From when to when it can be filled: both days count."""
    told = {"start": face.written_on, "end": face.expires_on}
    return {name: on.isoformat() for name, on in told.items() if on} if face.expires_on else {}


def number(value: Decimal) -> int | float:
    """As JSON writes it: 28.35 as 28.35, 30 as 30."""
    return int(value) if value == value.to_integral_value() else float(value)
