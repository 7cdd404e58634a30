"""A clinic in a sandbox of its own: what tests send it, and sound resources of every type to begin with."""

from __future__ import annotations

import json
from typing import Any

from opsconsole.sandbox.fhir import Fhir

from .conftest import World

MIME = "application/fhir+json"
EVERYTHING = "system/*.read system/*.write"
REF = "urn:opsconsole:ref"
DRUG = {
    "coding": [{"system": "urn:opsconsole:compound", "code": "tret-025"}],
    "text": "Tretinoin 0.025 % cream",
}
TASK_CODE = "http://hl7.org/fhir/CodeSystem/task-code"
QUALIFIED = "http://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition/practitioner-qualification"
STATE = {"system": "https://www.usps.com/", "code": "CA"}
FORM = "https://forms.opsconsole.example/acne"

#: One of each type, as R4 wants it; those that are referred to come first.
SOUND: dict[str, dict[str, Any]] = {
    "Patient": {"id": "pat", "birthDate": "1990-02-03"},
    "Practitioner": {
        "id": "ada", "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}],
        "name": [{"text": "Dr. Ada Lindqvist"}],
        "qualification": [{
            "identifier": [{"value": "CA-1"}], "period": {"end": "2030-12-31"},
            "code": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0360", "code": "MD"}]},
            "extension": [{"url": QUALIFIED, "extension": [
                {"url": "status", "valueCode": "active"},
                {"url": "whereValid", "valueCodeableConcept": {"coding": [STATE]}},
            ]}],
        }],
    },
    "Questionnaire": {
        "id": "form", "url": FORM, "version": "3", "status": "active", "item": [
            {"linkId": "about", "type": "group", "text": "About you", "item": [
                {"linkId": "pregnant", "type": "boolean", "text": "Are you pregnant?"},
                {"linkId": "skin", "type": "choice", "answerOption": [{"valueCoding": {"code": "oily", "display": "Oily"}}]},
            ]},
            {"linkId": "since", "type": "date"},
            {"linkId": "face", "type": "attachment", "repeats": True},
        ],
    },
    "Encounter": {
        "id": "visit", "status": "planned", "subject": {"reference": "Patient/pat"},
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "VR"},
        "type": [{"coding": [{"system": "urn:opsconsole:visit-kind", "code": "initial"}]}],
        "period": {"start": "2026-01-02T10:00:00Z"},
        "participant": [{"individual": {"reference": "Practitioner/ada"}}],
    },
    "MedicationRequest": {
        "id": "rx", "status": "active", "intent": "order", "medicationCodeableConcept": DRUG,
        "subject": {"reference": "Patient/pat"}, "requester": {"reference": "Practitioner/ada"},
        "encounter": {"reference": "Encounter/visit"}, "authoredOn": "2026-01-02",
        "identifier": [{"system": REF, "value": "prm_1"}],
        "dosageInstruction": [{"text": "Once a day, at night"}],
        "dispenseRequest": {
            "numberOfRepeatsAllowed": 2, "quantity": {"value": 30, "unit": "g"},
            "expectedSupplyDuration": {"value": 90, "unit": "day"}, "validityPeriod": {"end": "2027-01-02"},
        },
    },
    "MedicationDispense": {
        "id": "fill", "status": "completed", "medicationCodeableConcept": DRUG, "subject": {"reference": "Patient/pat"},
        "authorizingPrescription": [{"reference": "MedicationRequest/rx"}], "whenHandedOver": "2026-01-03T10:00:00Z",
    },
    "Task": {
        "id": "task", "status": "requested", "intent": "order", "focus": {"reference": "MedicationRequest/rx"},
        "for": {"reference": "Patient/pat"}, "code": {"coding": [{"system": TASK_CODE, "code": "fulfill"}]},
    },
    "QuestionnaireResponse": {
        "id": "answers", "status": "completed", "questionnaire": f"{FORM}|3", "subject": {"reference": "Patient/pat"},
        "encounter": {"reference": "Encounter/visit"},
        "item": [{"linkId": "since", "answer": [{"valueDate": "2025-01-01"}]}],
    },
    "Flag": {
        "id": "flag", "status": "active", "subject": {"reference": "Patient/pat"},
        "code": {"coding": [{"system": "urn:opsconsole:flag", "code": "pregnancy"}]},
    },
    "Binary": {"id": "photo", "contentType": "image/png", "data": "aGVsbG8="},
}  # fmt: skip


def sound(type: str, **other: Any) -> dict[str, Any]:
    """A sound resource of that type; None takes an element out."""
    told = {"resourceType": type, **SOUND[type], **other}
    return {name: value for name, value in told.items() if value is not None}


class Clinic:
    """`allowed` is what its token is asked for."""

    def __init__(self, world: World, allowed: str = EVERYTHING) -> None:
        self.world = world
        self.token = self.let_in(allowed)

    @property
    def fhir(self) -> Fhir:
        return self.world.sandbox.fhir

    def let_in(self, allowed: str) -> str:
        form = {"grant_type": "client_credentials", "scope": allowed}
        keys = self.fhir.keys
        answer = self.world.app.test_client().post(
            "/fhir/oauth2/token", data=form, auth=(keys.client_id, keys.client_secret)
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json["access_token"])

    def with_everything(self) -> Clinic:
        self.fhir.load([sound(type) for type in SOUND])
        return self

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        given = {"Authorization": f"Bearer {self.token}", "Accept": MIME, "Content-Type": MIME}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else json.dumps(body)
        return self.world.app.test_client().open(f"/fhir/{path}", method=method, data=data, headers=given)

    def post(self, body: dict[str, Any], **headers: str) -> Any:
        return self.call("POST", body["resourceType"], body, **headers)

    def ids(self, path: str) -> list[str]:
        """What a search finds."""
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return [entry["resource"]["id"] for entry in answer.json.get("entry", [])]

    def later(self, minutes: float) -> None:
        self.world.sandbox.advance(minutes * 60)
        self.world.sandbox.flush()
        self.token = self.let_in(EVERYTHING)

    def hooks(self) -> list[str]:
        """What the console was told so far: type, id and status."""
        self.world.sandbox.flush()
        bodies = [json.loads(body) for url, _, body in self.world.received if url.endswith("/healthcare")]
        return [" ".join(filter(None, (b["resourceType"], b["id"], b.get("status")))) for b in bodies]
