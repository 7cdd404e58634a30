"""The story as the healthcare system holds it: FHIR resources under the ids by which the console knows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from . import _visits
from ._care import Care
from ._dispenses import Dispensed
from ._patients import patient_id, told_to_healthcare
from ._prescriptions import PROVIDERS, Written, licences, practitioner_id, told_at
from ._products import BY_SKU, Product
from ._visits import Visited

Line = dict[str, Any]
_SYSTEMS = {
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "ndc": "http://hl7.org/fhir/sid/ndc",
    "compound": "urn:opsconsole:compound",
}
_QUALIFICATION = "http://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition/practitioner-qualification"
_DEGREES = "http://terminology.hl7.org/CodeSystem/v2-0360"
_REF = "urn:opsconsole:ref"
_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_PART = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_TYPES = {"choice": "choice", "yes_no": "boolean", "integer": "integer", "photo": "attachment"}
# A PNG of 48x48: a patch of the colour of skin with a darker disc.
_PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAADAAAAAwAQMAAABtzGvEAAAABlBMVEXovqzWoIw0NwqIAAAAT0lEQVR42mNgoBLg/wGm6v+Dqf//"
    "G4Ak4///B4AU8///D4AU+///H0AK//8HKZX///8PBmX///8/CiisZkLtg9oOdQvUZVB3wlwN9QMlAADfIFDkuRhQjwAAAABJRU5E"
    "rkJggg=="
)


def prescribers(registered: datetime, until: datetime) -> Iterator[Line]:
    """With a qualification for each state that licensed them."""
    for nth, (name, npi, credential, states) in enumerate(PROVIDERS, 1):
        degree = {"coding": [{"system": _DEGREES, "code": credential}]}
        yield _resource("Practitioner", practitioner_id(npi), registered) | {
            "active": True, "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": npi}],
            "name": [{"use": "official", "text": name}],
            "qualification": [
                {
                    "identifier": [{"value": number}], "code": degree, "period": {"end": expires.isoformat()},
                    "extension": [_valid_in(state)],
                }
                for state, number, expires in licences(nth, states, until)
            ],
        }  # fmt: skip


def form(at: datetime) -> Iterator[Line]:
    """What everybody is asked, and the photos that everybody sends: two pictures of nobody."""
    yield _resource("Questionnaire", _visits.FORM, at) | {
        "url": _visits.CANONICAL, "version": str(_visits.NUMBER), "status": "active", "title": "About your skin",
        "subjectType": ["Patient"], "item": [_item(one) for one in _visits.ITEMS],
    }  # fmt: skip
    for id in _visits.PHOTOS:
        yield _resource("Binary", id, at) | {"contentType": "image/png", "data": _PICTURE}


def _item(told: Mapping[str, Any]) -> Line:
    made = {"linkId": told["id"], "text": told["text"], "type": _TYPES[told["kind"]]}
    if "choices" in told:
        made["answerOption"] = [{"valueCoding": _chosen(one["code"], one["text"])} for one in told["choices"]]
    if told["kind"] == "photo":
        made["repeats"] = True
    return made | ({"required": True} if told.get("required") else {})


def told(care: Care, until: datetime) -> Iterator[Line]:
    """One person's: the patient, what was prescribed to them, their visits, and what was filled."""
    yield from told_to_healthcare(care.person, until)
    subject = {"reference": f"Patient/{patient_id(care.person)}"}
    for one in care.prescribed:
        yield _prescription(one, subject, until)
    for visit in care.visits:
        yield from _visit(visit, subject, until)
    for fill in care.dispensed:
        yield _dispense(fill, subject, until)


def _prescription(one: Written, subject: Line, until: datetime) -> Line:
    product = BY_SKU[one.rx.line.sku]
    made = _resource("MedicationRequest", one.rx.external_id, told_at(one.signed, until)) | {
        "status": one.word, "intent": "order", "medicationCodeableConcept": _drug(product), "subject": subject,
        "requester": {"reference": f"Practitioner/{practitioner_id(one.npi)}"},
        "authoredOn": one.signed.date().isoformat(), "dosageInstruction": [{"text": product.sig}],
        "dispenseRequest": {
            "numberOfRepeatsAllowed": one.refills, "quantity": _grams(product), "expectedSupplyDuration": _days(product),
            "validityPeriod": {"start": one.signed.date().isoformat(), "end": one.expires.isoformat()},
        },
    }  # fmt: skip
    if one.visit:
        made["encounter"] = {"reference": f"Encounter/{one.visit}"}
    if one.prior:
        made["priorPrescription"] = {"reference": f"MedicationRequest/{one.prior}"}
    return made


def _dispense(one: Dispensed, subject: Line, until: datetime) -> Line:
    product = BY_SKU[one.of.rx.line.sku]
    made = _resource("MedicationDispense", one.external_id, told_at(one.since, until)) | {
        "status": one.word, "medicationCodeableConcept": _drug(product), "subject": subject,
        "authorizingPrescription": [{"reference": f"MedicationRequest/{one.of.rx.external_id}"}],
        "quantity": _grams(product), "daysSupply": _days(product),
    }  # fmt: skip
    if one.dispensed_at:
        made["whenHandedOver"] = one.dispensed_at.isoformat(timespec="milliseconds")
    if one.pharmacy:
        made["performer"] = [{"actor": {"display": one.pharmacy}}]
    if one.fill:
        made["identifier"] = [{"system": _REF, "value": one.fill}]
    return made


def _visit(one: Visited, subject: Line, until: datetime) -> Iterator[Line]:
    """The visit, what was answered, and what still asks for it."""
    at, where = told_at(one.since, until), {"reference": f"Encounter/{one.external_id}"}
    made = _resource("Encounter", one.external_id, at) | {
        "status": one.word, "class": {"system": _ACT, "code": "VR", "display": "virtual"}, "subject": subject,
        "type": [{"coding": [{"system": "urn:opsconsole:visit-kind", "code": one.kind.value}]}],
    }  # fmt: skip
    if one.npi:
        who = {"reference": f"Practitioner/{practitioner_id(one.npi)}"}
        made["participant"] = [{"type": [{"coding": [{"system": _PART, "code": "PPRF"}]}], "individual": who}]
    yield made
    asked = f"{_visits.CANONICAL}|{_visits.NUMBER}"
    if one.answers is not None:
        yield _resource("QuestionnaireResponse", one.answers_id, at) | {
            "questionnaire": asked, "status": "completed" if one.complete else "in-progress", "subject": subject,
            "encounter": where, "authored": one.answered.isoformat(timespec="milliseconds"), "source": subject,
            "item": [{"linkId": id, "answer": [_value(one) for one in many]} for id, many in one.answers.items()],
        }  # fmt: skip
    if not one.complete:
        yield _resource("Task", f"ask-{one.order.reference}", at) | {
            "status": "requested" if one.answers is None else "in-progress", "intent": "order", "for": subject,
            "owner": subject, "encounter": where, "code": _asking("complete-questionnaire"),
            "input": [{"type": _asking("questionnaire"), "valueCanonical": asked}],
        }  # fmt: skip


def _value(value: Any) -> Line:
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, int):
        return {"valueInteger": value}
    if "photo" in value:
        told = {"contentType": value["content_type"], "url": value["photo"], "title": value["title"]}
        return {"valueAttachment": told}
    return {"valueCoding": _chosen(value["code"], value["display"])}


def _chosen(code: str, text: str) -> Line:
    return {"system": "urn:opsconsole:choice", "code": code, "display": text}


def _asking(code: str) -> Line:
    return {"coding": [{"system": "http://hl7.org/fhir/uv/sdc/CodeSystem/temp", "code": code}]}


def _resource(type: str, id: str, at: datetime) -> Line:
    return {
        "resourceType": type,
        "id": id,
        "meta": {"versionId": "1", "lastUpdated": at.isoformat(timespec="milliseconds")},
    }


def _drug(product: Product) -> Mapping[str, Any]:
    coding = [{"system": _SYSTEMS[system], "code": key} for system, key in product.prescribed_as]
    return {"coding": coding, "text": product.name}


def _grams(product: Product) -> Line:
    return {"value": product.grams, "unit": "g"}


def _days(product: Product) -> Line:
    return {"value": product.days, "unit": "days", "system": "http://unitsofmeasure.org", "code": "d"}


def _valid_in(state: str) -> Line:
    where = {"coding": [{"system": "https://www.usps.com/", "code": state}]}
    told = [{"url": "status", "valueCode": "active"}, {"url": "whereValid", "valueCodeableConcept": where}]
    return {"url": _QUALIFICATION, "extension": told}
