"""The story as the healthcare system holds it: FHIR resources under the ids by which the console knows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from . import _dispenses, _prescriptions
from ._dispenses import Dispensed
from ._patients import patient_id, told_to_healthcare
from ._prescriptions import PROVIDERS, Written, licences, practitioner_id, told_at
from ._products import BY_SKU, Product
from ._story import Person

Line = dict[str, Any]
_SYSTEMS = {
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "ndc": "http://hl7.org/fhir/sid/ndc",
    "compound": "urn:opsconsole:compound",
}
_QUALIFICATION = "http://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition/practitioner-qualification"
_DEGREES = "http://terminology.hl7.org/CodeSystem/v2-0360"
_REF = "urn:opsconsole:ref"


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


def told(person: Person, until: datetime) -> Iterator[Line]:
    """One person's: the patient, what was prescribed to them and what was filled of it."""
    yield from told_to_healthcare(person, until)
    written = _prescriptions.written(person, until)
    subject = {"reference": f"Patient/{patient_id(person)}"}
    for one in written:
        yield _prescription(one, subject, until)
    for fill in _dispenses.of(written, until):
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
