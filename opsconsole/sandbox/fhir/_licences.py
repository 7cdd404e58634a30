"""A prescriber's licences among their qualifications, by state:
https://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition-practitioner-qualification.html"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ._shapes import QUALIFICATION

STATES = "https://www.usps.com/"
DEGREES = "http://terminology.hl7.org/CodeSystem/v2-0360"


def changed(
    qualifications: Sequence[Mapping[str, Any]],
    state: str,
    status: str,
    number: str | None,
    expires: str | None,
) -> list[dict[str, Any]]:
    """All of them, with that state's licence as told; what is not told of it stays."""
    found = [dict(one) for one in qualifications]
    place = next((n for n, one in enumerate(found) if state in _states(one)), None)
    if place is None:
        degree = found[0]["code"] if found else {"coding": [{"system": DEGREES, "code": "MD"}]}
        found.append({"code": degree})
        place = len(found) - 1
    one = found[place]
    others = [ext for ext in one.get("extension", ()) if ext["url"] != QUALIFICATION]
    one["extension"] = [*others, valid_in(state, status)]
    if number:
        one["identifier"] = [{"value": number}]
    if expires:
        one["period"] = {**one.get("period", {}), "end": expires}
    return found


def valid_in(state: str, status: str) -> dict[str, Any]:
    where = {"url": "whereValid", "valueCodeableConcept": {"coding": [{"system": STATES, "code": state}]}}
    return {"url": QUALIFICATION, "extension": [{"url": "status", "valueCode": status}, where]}


def _states(qualification: Mapping[str, Any]) -> set[str]:
    return {
        coding.get("code", "")
        for one in qualification.get("extension", ())
        if one["url"] == QUALIFICATION
        for part in one.get("extension", ())
        for coding in part.get("valueCodeableConcept", {}).get("coding", ())
    }
