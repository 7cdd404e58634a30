"""FHIR R4's Encounter: https://hl7.org/fhir/R4/encounter.html"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .._asking import object_in
from . import UNKNOWN, VisitFacts
from ._fhir_elements import REF, Record, codes, concept, instant, objects, status
from ._fhir_references import Beside, id_of, to
from ._in_place import appended, with_member

KINDS = "urn:opsconsole:visit-kind"
_KINDS = frozenset({"initial", "renewal", "follow_up", "rx_request"})
_CLASS = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_PART = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
# https://hl7.org/fhir/R4/valueset-encounter-status.html
STATUSES = {
    "planned": "planned",
    "arrived": "in_progress",
    "triaged": "in_progress",
    "in-progress": "in_progress",
    "onleave": "in_progress",
    "finished": "finished",
    "cancelled": "cancelled",
    "entered-in-error": "entered_in_error",
}
OVER = frozenset({"finished", "cancelled", "entered_in_error"})


def visit(found: Record, beside: Beside) -> VisitFacts:
    data = found.data
    period = object_in(data.get("period") or {})
    kinds = (one.code for told in objects(data.get("type")) for one in codes(told) if one.system == KINDS)
    return VisitFacts(
        **found.seen,
        **status(data, STATUSES),
        kind=next((kind for kind in kinds if kind in _KINDS), UNKNOWN),
        patient=id_of(data.get("subject"), "Patient", beside=beside, within=data),
        practitioner=next(iter(_seen_by(data, beside)), None),
        starts_at=instant(period.get("start")),
        ends_at=instant(period.get("end")),
        ref=found.ref,
    )


def _seen_by(data: Mapping[str, Any], beside: Beside) -> list[str]:
    """The practitioners who take part, those who lead it first, the latest of them first."""
    leading: list[str] = []
    others: list[str] = []
    for one in objects(data.get("participant")):
        if id := id_of(one.get("individual"), "Practitioner", beside=beside, within=data):
            parts = [part.code for told in objects(one.get("type")) for part in codes(told)]
            (leading if "PPRF" in parts or "ATND" in parts else others).insert(0, id)
    return leading + others


def request(ref: str, *, patient: str, kind: str, practitioner: str | None) -> dict[str, Any]:
    """A visit by video or by message, planned."""
    made: dict[str, Any] = {
        "resourceType": "Encounter",
        "identifier": [{"system": REF, "value": ref}],
        "status": "planned",
        "class": {"system": _CLASS, "code": "VR", "display": "virtual"},
        "type": [concept(KINDS, kind)],
        "subject": to("Patient", patient),
    }
    if practitioner:
        made["participant"] = [_part(practitioner)]
    return made


def closed(found: Record, *, status: str, practitioner: str | None, beside: Beside) -> str:
    """The visit with that status, and with that practitioner among those who take part; else as it was."""
    text = with_member(found.text, "status", json.dumps(status))
    if practitioner and practitioner not in _seen_by(found.data, beside)[:1]:
        text = appended(text, "participant", json.dumps(_part(practitioner)))
    return text


def _part(practitioner: str) -> dict[str, Any]:
    return {"type": [concept(_PART, "PPRF")], "individual": to("Practitioner", practitioner)}
