"""By what each type can be searched: https://hl7.org/fhir/R4/searchparameter-registry.html

References, identifiers, concepts and URLs are indexed; statuses and the like, of which there are few, and dates are read out
of the resources.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Parameter(NamedTuple):
    """`kind` is FHIR's type of search parameter, or "code" for a token without a system; `path` is the element, `of` the
    type that a bare id refers to."""

    kind: str
    path: str
    of: str = ""


_PATIENT = {
    "patient": Parameter("reference", "subject", "Patient"),
    "subject": Parameter("reference", "subject"),
}
_ENCOUNTER = Parameter("reference", "encounter", "Encounter")
_IDENTIFIER, _STATUS = Parameter("token", "identifier"), Parameter("code", "status")
_NAMED = {"identifier": _IDENTIFIER, "active": Parameter("code", "active")}
_DRUG = Parameter("token", "medicationCodeableConcept")

PARAMETERS: dict[str, dict[str, Parameter]] = {
    "Patient": _NAMED | {"birthdate": Parameter("date", "birthDate"), "gender": Parameter("code", "gender")},
    "Practitioner": _NAMED,
    "MedicationRequest": _PATIENT | {
        "identifier": _IDENTIFIER, "status": _STATUS, "intent": Parameter("code", "intent"), "code": _DRUG,
        "encounter": _ENCOUNTER, "requester": Parameter("reference", "requester"),
        "authoredon": Parameter("date", "authoredOn"),
    },
    "MedicationDispense": _PATIENT | {
        "identifier": _IDENTIFIER, "status": _STATUS, "code": _DRUG,
        "prescription": Parameter("reference", "authorizingPrescription", "MedicationRequest"),
        "context": Parameter("reference", "context", "Encounter"), "whenhandedover": Parameter("date", "whenHandedOver"),
    },
    "Task": {
        "identifier": _IDENTIFIER, "status": _STATUS, "intent": Parameter("code", "intent"),
        "code": Parameter("token", "code"), "business-status": Parameter("token", "businessStatus"),
        "patient": Parameter("reference", "for", "Patient"), "subject": Parameter("reference", "for"),
        "focus": Parameter("reference", "focus"), "encounter": _ENCOUNTER, "owner": Parameter("reference", "owner"),
        "requester": Parameter("reference", "requester"), "authored-on": Parameter("date", "authoredOn"),
        "modified": Parameter("date", "lastModified"),
    },
    "Questionnaire": {
        "identifier": _IDENTIFIER, "status": _STATUS, "url": Parameter("uri", "url"),
        "version": Parameter("code", "version"), "name": Parameter("string", "name"), "date": Parameter("date", "date"),
    },
    "QuestionnaireResponse": _PATIENT | {
        "identifier": _IDENTIFIER, "status": _STATUS, "encounter": _ENCOUNTER, "author": Parameter("reference", "author"),
        "source": Parameter("reference", "source"), "questionnaire": Parameter("uri", "questionnaire"),
        "authored": Parameter("date", "authored"),
    },
    "Encounter": _PATIENT | {
        "identifier": _IDENTIFIER, "status": _STATUS, "type": Parameter("token", "type"),
        "class": Parameter("token", "class"), "date": Parameter("date", "period.start"),
    },
    "Flag": _PATIENT | {
        "identifier": _IDENTIFIER, "encounter": _ENCOUNTER, "author": Parameter("reference", "author"),
        "date": Parameter("date", "period.start"),
    },
    "Binary": {},
}  # fmt: skip
OF_ALL = {"_id": Parameter("code", "id"), "_lastUpdated": Parameter("date", "meta.lastUpdated")}


INDEXED = ("reference", "token", "uri")
_PATHS = {
    type: {(one.kind, one.path) for one in named.values() if one.kind in INDEXED}
    for type, named in PARAMETERS.items()
}


def indexed(resource: Mapping[str, Any], seq: int) -> Iterator[tuple[str, str, str, int]]:
    """path, value, system (the type of a reference's target), seq"""
    for kind, path in _PATHS[resource["resourceType"]]:
        found = resource.get(path)
        for one in found if isinstance(found, list) else [found]:
            if kind == "uri" and isinstance(one, str):
                for url in {one, one.partition("|")[0]}:  # a canonical is found with its version and without
                    yield path, url, "", seq
            elif kind == "reference" and isinstance(one, dict) and "/" in one.get("reference", ""):
                type, id = one["reference"].split("/_history/")[0].rsplit("/", 2)[-2:]
                yield path, id, type, seq
            elif kind == "token" and isinstance(one, dict):
                for coded in one.get("coding", [one]):
                    if value := coded.get("value") or coded.get("code"):
                        yield path, value, coded.get("system", ""), seq
