"""Whether a resource is built as R4 says. The tables beside this file say how:

"string"  one or none      "string!"  exactly one      "string*"  a list, or nothing
"code gender"              only codes of that set of `_codes.py`
"Reference Patient Group"  only to such; "Reference" alone: to anything
"value[x]": "boolean|integer!"  valueBoolean or valueInteger, at most one of them; with ! exactly one
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from ._codes import CODES
from ._datatypes import DATATYPES
from ._resources import PARTS, RESOURCES
from ._turn import Refusal

_INSTANT = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})"
_WORDS = {
    name: re.compile(pattern).fullmatch
    for name, pattern in {
        "id": r"[A-Za-z0-9\-.]{1,64}",
        "code": r"\S+( \S+)*",
        "date": r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?",
        "dateTime": rf"\d{{4}}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?|{_INSTANT}",
        "instant": _INSTANT,
        "time": r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?",
        "uri": r"\S+",
        "url": r"\S+",
        "canonical": r"\S+",
        "base64Binary": r"[\s\S]+",
        "string": r"[\s\S]*\S[\s\S]*",
        "markdown": r"[\s\S]*\S[\s\S]*",
    }.items()
}


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        return False
    return True


def _is_in_the_calendar(text: str) -> bool:
    try:
        datetime.fromisoformat(text if len(text) > 9 else "2000-01-01")
    except ValueError:
        return False
    return True


_MORE: dict[str, Callable[[str], bool]] = {
    "base64Binary": _is_base64,
    **dict.fromkeys(("date", "dateTime", "instant"), _is_in_the_calendar),
}
_LEAST = {"integer": -(2**31), "unsignedInt": 0, "positiveInt": 1}
_PRIMITIVES = {*_WORDS, *_LEAST, "boolean", "decimal"}
_OF_ALL = {"id": "string", "extension": "Extension*"}
_OF_PARTS = _OF_ALL | {"modifierExtension": "Extension*"}


@dataclass(frozen=True, slots=True)
class Element:
    """`only` is what a code or a reference's target must be one of, empty for anything; `stem` the choice it is one of."""

    kind: str
    only: frozenset[str]
    many: bool
    stem: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """`needed` are the names of which one must be there, each with what to call them."""

    elements: Mapping[str, Element]
    needed: tuple[tuple[str, frozenset[str]], ...]


@cache
def shape(name: str) -> Shape:
    if name in RESOURCES:
        told = RESOURCES[name]
    elif "." in name or name in ("Dosage", "Timing"):
        told = (PARTS | DATATYPES)[name] | _OF_PARTS
    else:
        told = _OF_ALL | DATATYPES[name]
    elements: dict[str, Element] = {}
    needed: list[tuple[str, frozenset[str]]] = []
    for key, spec in told.items():
        bare, named = spec.rstrip("*!"), key.removesuffix("[x]")
        choice = named != key
        made = {
            named + one.split(" ")[0][0].upper() + one.split(" ")[0][1:] if choice else key: _element(
                one, spec.endswith("*"), key if choice else ""
            )
            for one in bare.split("|")
        }
        elements |= made
        if spec.endswith("!"):
            needed.append(
                (key, frozenset(made) | {f"_{one}" for one, e in made.items() if e.kind in _PRIMITIVES})
            )
    return Shape(elements, tuple(needed))


def _element(spec: str, many: bool, stem: str) -> Element:
    kind, *only = spec.split(" ")
    if kind == "code" and only:
        return Element(kind, CODES[only[0]], many, stem)
    return Element(kind, frozenset(only), many, stem)


#: (where, the reference, the types that it may be to)
Found = tuple[str, Mapping[str, Any], frozenset[str]]


def check(resource: Mapping[str, Any]) -> list[Found]:
    """The references in it, which the caller must find. Raises Refusal for what FHIR does not know, or knows in another
    type, number or with other codes."""
    kind = resource["resourceType"]
    found: list[Found] = []
    inside = {name: value for name, value in resource.items() if name != "resourceType"}
    _check(inside, kind, kind, found)
    own = {f"#{one['id']}" for one in resource.get("contained", ()) if "id" in one}
    return [one for one in found if one[1].get("reference") not in own]


def _check(value: Any, name: str, at: str, found: list[Found]) -> None:
    if not isinstance(value, dict) or not value:
        if name in RESOURCES and isinstance(value, dict) and not shape(name).needed:
            return
        _no("structure", "This must be an object that is not empty.", at)
    known = shape(name)
    chosen: dict[str, str] = {}
    for key, given in value.items():
        element = known.elements.get(key)
        if element is None:
            _check_beside(given, known.elements.get(key[1:]) if key[:1] == "_" else None, f"{at}.{key}", at)
            continue
        if element.stem and chosen.setdefault(element.stem, key) != key:
            _no("structure", f"Only one of {element.stem} can stand here.", f"{at}.{element.stem}")
        if element.many:
            if not isinstance(given, list) or not given:
                _no("structure", "This must be a list that is not empty.", f"{at}.{key}")
            for place, one in enumerate(given):
                if (
                    one is not None or element.kind not in _PRIMITIVES
                ):  # null stands where only an extension is
                    _check_one(one, element, f"{at}.{key}[{place}]", found)
        else:
            _check_one(given, element, f"{at}.{key}", found)
    for key, names in known.needed:
        if names.isdisjoint(value):
            _no("required", f"{key} is missing.", f"{at}.{key}")
    if name in _MUST:
        _MUST[name](value, at)


def _check_one(given: Any, element: Element, at: str, found: list[Found]) -> None:
    kind = element.kind
    if (right := _WORDS.get(kind)) is not None:
        if not isinstance(given, str):
            _no("structure", "The value is of another type.", at)
        if element.only and given not in element.only:
            _no("code-invalid", f"Unknown code {given[:40]!r}.", at)
        if not right(given) or (kind in _MORE and not _MORE[kind](given)):
            _no("value", f"This is no {kind}.", at)
    elif kind == "boolean":
        if not isinstance(given, bool):
            _no("structure", "The value is of another type.", at)
    elif kind == "decimal" or kind in _LEAST:
        if isinstance(given, bool) or not isinstance(given, (int, float) if kind == "decimal" else int):
            _no("structure", "The value is of another type.", at)
        if kind != "decimal" and not _LEAST[kind] <= given < 2**31:
            _no("value", f"This is no {kind}.", at)
    elif kind == "Resource":
        if not isinstance(given, dict) or "resourceType" not in given:
            _no("structure", "This must be a resource.", at)
    else:
        _check(given, kind, at, found)
        if kind == "Reference":
            found.append((at, given, element.only))


def _check_beside(given: Any, element: Element | None, at: str, parent: str) -> None:
    """What stands beside a primitive: {"id", "extension"}, for a list a list of them."""
    if element is None or element.kind not in _PRIMITIVES:
        _no("structure", "There is no such element.", parent)
    for one in given if isinstance(given, list) else [given]:
        if one is not None and (not isinstance(one, dict) or set(one) - {"id", "extension"}):
            _no("structure", "Beside a value only an id and extensions can stand.", at)


# what must hold between elements


def _extension(value: Mapping[str, Any], at: str) -> None:
    if ("extension" in value) == any(name.lstrip("_").startswith("value") for name in value):
        _no("invariant", "An extension has a value or extensions, and not both.", at)


def _period(value: Mapping[str, Any], at: str) -> None:
    start, end = value.get("start"), value.get("end")
    if start and end and (least := min(len(start), len(end), 10)) and start[:least] > end[:least]:
        _no("invariant", "It ends before it starts.", at)


def _quantity(value: Mapping[str, Any], at: str) -> None:
    if "code" in value and "system" not in value:
        _no("invariant", "A unit's code has a system.", at)


def _reference(value: Mapping[str, Any], at: str) -> None:
    if not {"reference", "identifier", "display", "extension"} & set(value):
        _no("invariant", "This refers to nothing.", at)


def _identifier(value: Mapping[str, Any], at: str) -> None:
    if value.get("system") == NPI and not is_npi(str(value.get("value"))):
        _no("value", "This is no National Provider Identifier.", f"{at}.value")


def _qualification(value: Mapping[str, Any], at: str) -> None:
    """https://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition-practitioner-qualification.html"""
    for place, one in enumerate(value.get("extension", ())):
        if one["url"] != QUALIFICATION:
            continue
        where, told = f"{at}.extension[{place}]", one.get("extension", ())
        if {part["url"] for part in told} - {"status", "whereValid"}:
            _no("structure", "Only status and whereValid can stand here.", where)
        statuses = [part.get("valueCode") for part in told if part["url"] == "status"]
        if len(statuses) != 1 or statuses[0] not in QUALIFIED:
            _no("code-invalid", "It has exactly one status, as a code of plan-net.", where)
        if any(
            part["url"] == "whereValid" and not {"valueCodeableConcept", "valueReference"} & set(part)
            for part in told
        ):
            _no("structure", "whereValid is a concept or a place.", where)


def _item(value: Mapping[str, Any], at: str) -> None:
    if value["type"] == "group" and "item" not in value:
        _no("invariant", "A group has items.", at)
    if value["type"] == "display" and {"item", "code", "required", "repeats"} & set(value):
        _no("invariant", "What is only shown has no items, and is not answered.", at)
    if "answerOption" in value and value["type"] not in _WITH_OPTIONS:
        _no("invariant", "Such a question has no options.", at)
    if {"answerOption", "answerValueSet"} <= set(value):
        _no("invariant", "Options are listed or a value set, not both.", at)
    if len(value.get("enableWhen", ())) > 1 and "enableBehavior" not in value:
        _no("invariant", "Say whether all or any of the conditions must hold.", f"{at}.enableBehavior")


def _questionnaire(value: Mapping[str, Any], at: str) -> None:
    ids = [one["linkId"] for one in items(value)]
    if len(ids) != len(set(ids)):
        _no("invariant", "A linkId stands there twice.", f"{at}.item")


def items(value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """All items of a questionnaire or a response, also those within others."""
    found: list[Mapping[str, Any]] = []
    for one in value.get("item", ()):
        found += [one, *items(one)]
        for answer in one.get("answer", ()):
            found += items(answer)
    return found


def _dispense(value: Mapping[str, Any], at: str) -> None:
    prepared, handed = value.get("whenPrepared"), value.get("whenHandedOver")
    if prepared and handed and handed[:10] < prepared[:10]:
        _no("invariant", "It cannot be handed over before it is prepared.", f"{at}.whenHandedOver")


def is_npi(text: str) -> bool:
    """Ten digits whose last one is Luhn's check digit over 80840 and the others (45 CFR 162.406)."""
    if not re.fullmatch(r"\d{10}", text):
        return False
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(text[:9])]
    return (24 + sum(n // 10 + n % 10 for n in doubled) + int(text[9])) % 10 == 0


NPI = "http://hl7.org/fhir/sid/us-npi"
QUALIFICATION = "http://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition/practitioner-qualification"
QUALIFIED = ("active", "inactive", "issued-in-error", "revoked", "pending", "unknown")
_WITH_OPTIONS = ("choice", "open-choice", "integer", "date", "time", "string", "reference")
_MUST = {
    "Extension": _extension,
    "Period": _period,
    "Quantity": _quantity,
    "SimpleQuantity": _quantity,
    "Duration": _quantity,
    "Reference": _reference,
    "Identifier": _identifier,
    "Practitioner.qualification": _qualification,
    "Questionnaire": _questionnaire,
    "Questionnaire.item": _item,
    "MedicationDispense": _dispense,
}


def _no(code: str, words: str, at: str) -> None:
    raise Refusal(422, code, words, at=at)
