"""What may stand in a Patient: https://hl7.org/fhir/R4/patient.html. Elements with their types; a star is a list."""

from __future__ import annotations

import re
from typing import Any

from ._turn import Refusal

_COMMON = {"id": "string", "extension": "Extension*"}
SHAPES: dict[str, dict[str, str]] = {
    "Patient": {
        "id": "id", "meta": "Meta", "implicitRules": "uri", "language": "string", "text": "Narrative",
        "contained": "Resource*", "extension": "Extension*", "modifierExtension": "Extension*",
        "identifier": "Identifier*", "active": "boolean", "name": "HumanName*", "telecom": "ContactPoint*",
        "gender": "code gender", "birthDate": "date", "deceasedBoolean": "boolean", "deceasedDateTime": "date",
        "address": "Address*", "maritalStatus": "CodeableConcept", "multipleBirthBoolean": "boolean",
        "multipleBirthInteger": "integer", "photo": "Attachment*", "contact": "Contact*",
        "communication": "Communication*", "generalPractitioner": "Reference*", "managingOrganization": "Reference",
        "link": "Link*",
    },
    "Meta": {
        "versionId": "id", "lastUpdated": "date", "source": "uri", "profile": "uri*", "security": "Coding*",
        "tag": "Coding*",
    },
    "Narrative": {"status": "code narrative", "div": "string"},
    "Identifier": {
        "use": "code identifier", "type": "CodeableConcept", "system": "uri", "value": "string", "period": "Period",
        "assigner": "Reference",
    },
    "HumanName": {
        "use": "code name", "text": "string", "family": "string", "given": "string*", "prefix": "string*",
        "suffix": "string*", "period": "Period",
    },
    "ContactPoint": {
        "system": "code contact", "value": "string", "use": "code contact-use", "rank": "integer", "period": "Period",
    },
    "Address": {
        "use": "code address", "type": "code address-type", "text": "string", "line": "string*", "city": "string",
        "district": "string", "state": "string", "postalCode": "string", "country": "string", "period": "Period",
    },
    "CodeableConcept": {"coding": "Coding*", "text": "string"},
    "Coding": {
        "system": "uri", "version": "string", "code": "string", "display": "string", "userSelected": "boolean",
    },
    "Period": {"start": "date", "end": "date"},
    "Reference": {"reference": "string", "type": "uri", "identifier": "Identifier", "display": "string"},
    "Attachment": {
        "contentType": "string", "language": "string", "data": "string", "url": "uri", "size": "integer",
        "hash": "string", "title": "string", "creation": "date",
    },
    "Contact": {
        "relationship": "CodeableConcept*", "name": "HumanName", "telecom": "ContactPoint*", "address": "Address",
        "gender": "code gender", "organization": "Reference", "period": "Period",
    },
    "Communication": {"language": "CodeableConcept", "preferred": "boolean"},
    "Link": {"other": "Reference", "type": "code link"},
}  # fmt: skip
CODES = {
    "gender": ("male", "female", "other", "unknown"),
    "narrative": ("generated", "extensions", "additional", "empty"),
    "identifier": ("usual", "official", "temp", "secondary", "old"),
    "name": ("usual", "official", "temp", "nickname", "anonymous", "old", "maiden"),
    "contact": ("phone", "fax", "email", "pager", "url", "sms", "other"),
    "contact-use": ("home", "work", "temp", "old", "mobile"),
    "address": ("home", "work", "temp", "old", "billing"),
    "address-type": ("postal", "physical", "both"),
    "link": ("replaced-by", "replaces", "refer", "seealso"),
}
_WORDS = {
    "id": re.compile(r"[A-Za-z0-9\-.]{1,64}"),
    "date": re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)?)?"),
    "uri": re.compile(r"\S+"),
    "string": re.compile(r"[\s\S]*\S[\s\S]*"),
}


def check(value: Any, shape: str = "Patient", at: str = "Patient") -> None:
    """Raises Refusal for what FHIR does not know, or knows in another type or with other codes."""
    if not isinstance(value, dict) or not value:
        raise Refusal(422, "structure", "This must be an object that is not empty.", at=at)
    known = SHAPES[shape] | _COMMON if shape != "Patient" else SHAPES[shape]
    for name, given in value.items():
        where = f"{at}.{name}"
        if name == "resourceType" and shape == "Patient":
            continue
        if name.startswith("_") and _primitive(known.get(name[1:], "")):
            _check_beside(given, where)
        elif name not in known:
            raise Refusal(422, "structure", "There is no such element.", at=at)
        else:
            _check_element(given, known[name], where)


def _check_element(given: Any, kind: str, at: str) -> None:
    if not kind.endswith("*"):
        return _check_one(given, kind, at)
    if not isinstance(given, list) or not given:
        raise Refusal(422, "structure", "This must be a list that is not empty.", at=at)
    for place, one in enumerate(given):
        if one is not None or not _primitive(kind):  # null stands where only an extension is
            _check_one(one, kind[:-1], f"{at}[{place}]")
    return None


def _check_one(given: Any, kind: str, at: str) -> None:
    if kind in SHAPES:
        check(given, kind, at)
    elif kind == "Extension":
        if not isinstance(given, dict) or not isinstance(given.get("url"), str):
            raise Refusal(422, "structure", "An extension has a url.", at=at)
        if odd := [name for name in given if name not in ("id", "url", "extension") and not _a_value(name)]:
            raise Refusal(422, "structure", f"An extension has no {odd[0][:20]}.", at=at)
    elif kind == "Resource":
        if not isinstance(given, dict) or "resourceType" not in given:
            raise Refusal(422, "structure", "This must be a resource.", at=at)
    elif kind == "boolean":
        _type(isinstance(given, bool), at)
    elif kind == "integer":
        _type(isinstance(given, int) and not isinstance(given, bool), at)
    elif kind.startswith("code "):
        _type(isinstance(given, str), at)
        if given not in CODES[kind[5:]]:
            raise Refusal(422, "code-invalid", f"Unknown code {given[:40]!r}.", at=at)
    else:
        _type(isinstance(given, str), at)
        if not _WORDS[kind].fullmatch(given):
            raise Refusal(422, "value", f"This is no {kind}.", at=at)


def _check_beside(given: Any, at: str) -> None:
    """What stands beside a primitive: {"id", "extension"}, for a list a list of them."""
    for one in given if isinstance(given, list) else [given]:
        if one is not None and (not isinstance(one, dict) or set(one) - {"id", "extension"}):
            raise Refusal(422, "structure", "Beside a value only an id and extensions can stand.", at=at)


def _primitive(kind: str) -> bool:
    bare = kind.removesuffix("*")
    return bool(bare) and bare not in SHAPES and bare not in ("Extension", "Resource")


def _a_value(name: str) -> bool:
    return re.fullmatch(r"_?value[A-Z][A-Za-z0-9]*", name) is not None


def _type(right: bool, at: str) -> None:
    if not right:
        raise Refusal(422, "structure", "The value is of another type.", at=at)
