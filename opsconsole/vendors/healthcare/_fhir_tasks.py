"""FHIR R4's Task, by which something is asked about a prescription: https://hl7.org/fhir/R4/task.html"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._asking import object_in
from . import TaskFacts
from ._fhir_elements import REF, Record, code, codes, concept, instant, objects, prose, status, words
from ._fhir_references import Beside, id_of, place, to

CODES = "http://hl7.org/fhir/CodeSystem/task-code"
REASONS = "urn:opsconsole:reason"
FORMS = "http://hl7.org/fhir/uv/sdc/CodeSystem/temp"
# https://hl7.org/fhir/R4/valueset-task-status.html
STATUSES = {
    "draft": "requested",
    "requested": "requested",
    "received": "received",
    "accepted": "accepted",
    "ready": "accepted",
    "in-progress": "in_progress",
    "on-hold": "on_hold",
    "completed": "completed",
    "rejected": "rejected",
    "failed": "failed",
    "cancelled": "cancelled",
    "entered-in-error": "entered_in_error",
}
#: What is asked -> HL7's code for it, https://hl7.org/fhir/R4/codesystem-task-code.html
ASKED = {"transmit": "fulfill", "cancel": "abort"}
#: HL7's codes, and the messages of NCPDP SCRIPT by which pharmacies name the same.
KINDS = {
    "fulfill": "transmit",
    "abort": "cancel",
    "change": "change",
    "replace": "change",
    "refill": "renew",
    "renew": "renew",
    "renewal": "renew",
    "newrx": "transmit",
    "cancelrx": "cancel",
    "rxchangerequest": "change",
    "rxrenewalrequest": "renew",
}


def task(found: Record, beside: Beside) -> TaskFacts:
    data = found.data
    told = codes(data.get("code"))
    return TaskFacts(
        **found.seen,
        **status(data, STATUSES),
        kind=_kind(data),
        raw_code=told[0].code[:60] if told else "",  # what is written instead may name the drug
        prescription=id_of(data.get("focus"), "MedicationRequest", beside=beside, within=data),
        patient=id_of(data.get("for"), "Patient", beside=beside, within=data),
        owner=id_of(data.get("owner"), beside=beside, within=data, by=False),
        business_status=(words(data.get("businessStatus")) or "")[:60],
        reason=code(data.get("statusReason")) or code(data.get("reasonCode")),
        asked_at=instant(data.get("authoredOn")),
        ref=found.ref,
        words=_words(data),
    )


def _kind(data: Mapping[str, Any]) -> str:
    """What is asked, of a prescription; of anything else it is something other."""
    about = place(object_in(data.get("focus") or {}).get("reference"))
    if about and about[0] != "MedicationRequest":
        return "other"
    for one in codes(data.get("code")):
        if kind := KINDS.get(one.code.lower()):
            return kind
    said = words(data.get("code")).lower()
    return "renew" if "renew" in said or "refill" in said else KINDS.get(said, "other")


def _words(data: Mapping[str, Any]) -> str:
    said = [
        prose(data.get("description")),
        prose(object_in(data.get("statusReason") or {}).get("text")),
        *(prose(one.get("text")) for one in objects(data.get("note"))),
    ]
    return "\n".join(dict.fromkeys(filter(None, said)))[:2000]


def request(
    ref: str, *, kind: str, prescription: str, patient: str, reason: str | None, requester: str | None
) -> dict[str, Any]:
    """The Task that asks it."""
    made: dict[str, Any] = {
        "resourceType": "Task",
        "identifier": [{"system": REF, "value": ref}],
        "status": "requested",
        "intent": "order",
        "code": concept(CODES, ASKED[kind]),
        "focus": to("MedicationRequest", prescription),
        "for": to("Patient", patient),
    }
    if requester:
        made["requester"] = to("Practitioner", requester)
    if reason:
        made["reasonCode"] = concept(REASONS, reason)
    return made


def form(ref: str, *, patient: str, visit: str, questionnaire: str) -> dict[str, Any]:
    """The Task that asks a patient to answer a questionnaire (`url|version`), as Structured Data Capture has it."""
    return {
        "resourceType": "Task",
        "identifier": [{"system": REF, "value": ref}],
        "status": "requested",
        "intent": "order",
        "code": concept(FORMS, "complete-questionnaire"),
        "for": to("Patient", patient),
        "encounter": to("Encounter", visit),
        "owner": to("Patient", patient),
        "input": [{"type": concept(FORMS, "questionnaire"), "valueCanonical": questionnaire}],
    }
