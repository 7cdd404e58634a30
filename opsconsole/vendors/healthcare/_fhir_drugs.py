"""What is prescribed: a CodeableConcept or a Medication of its own, https://hl7.org/fhir/R4/medication.html"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .._asking import object_in
from . import DrugKey
from . import _fhir_references as references
from ._fhir_elements import codes, decimal, objects, text, words
from ._fhir_references import Beside

#: Our name of a system of codes -> its URI, which is sent; then others by which the same is known.
SYSTEMS = {
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "ndc": "http://hl7.org/fhir/sid/ndc",
    "compound": "urn:opsconsole:compound",
}
_NAMES = {uri: name for name, uri in SYSTEMS.items()} | {
    "urn:oid:2.16.840.1.113883.6.88": "rxnorm",
    "urn:oid:2.16.840.1.113883.6.69": "ndc",
}
_NDC = re.compile(r"(\d{4,5})-(\d{3,4})-(\d{1,2})")
_LENGTHS = {(4, 4, 2), (5, 3, 2), (5, 4, 1), (5, 4, 2)}


def drug(data: Mapping[str, Any], beside: Beside) -> tuple[str, tuple[DrugKey, ...]]:
    """What `medication[x]` of a request names: in words, with strength and form where they are told, and by keys."""
    if (told := data.get("medicationCodeableConcept")) is not None:
        return words(told), keys([told])
    reference = object_in(data.get("medicationReference") or {})
    medication = _medication(data, reference, beside)
    if medication is None:
        return text(reference.get("display")), ()
    ingredients = objects(medication.get("ingredient"))
    said = words(medication.get("code")) or text(reference.get("display")) or _ingredients(ingredients)
    form = words(medication.get("form"))
    named = f"{said}, {form}" if said and form and form.lower() not in said.lower() else said
    return named[:200], keys([medication.get("code")])


def keys(concepts: Iterable[Any]) -> tuple[DrugKey, ...]:
    """The keys of some concepts, each once, in their order."""
    found = (
        DrugKey(name, ndc(one.code) if name == "ndc" else one.code)
        for concept in concepts
        for one in codes(concept)
        if (name := _NAMES.get(one.system, one.system))
    )
    return tuple(dict.fromkeys(found))


def ndc(code: str) -> str:
    """An NDC with its eleven digits, as 42192-0151-01: the ten that the FDA gives have a short part, which begins with
    a nought then. Ten digits without hyphens may be three things, and stay as they are."""
    if re.fullmatch(r"\d{11}", code):
        return f"{code[:5]}-{code[5:9]}-{code[9:]}"
    found = _NDC.fullmatch(code)
    if not found or tuple(map(len, found.groups())) not in _LENGTHS:
        return code
    labeler, product, package = found.groups()
    return f"{labeler:0>5}-{product:0>4}-{package:0>2}"


def medication(drug: str, keys: Iterable[DrugKey]) -> dict[str, Any]:
    """The CodeableConcept to send."""
    coded = [{"system": SYSTEMS.get(key.system, key.system), "code": key.code} for key in keys]
    return ({"coding": coded} if coded else {}) | {"text": drug}


def _medication(
    data: Mapping[str, Any], reference: Mapping[str, Any], beside: Beside
) -> Mapping[str, Any] | None:
    url = reference.get("reference")
    if isinstance(url, str) and url.startswith("#"):
        return references.contained(data, url[1:])
    found = references.id_of(reference, "Medication", beside=beside)
    return beside.read("Medication", found) if found else None


def _ingredients(ingredients: Iterable[Mapping[str, Any]]) -> str:
    """What a compound is made of, where nobody has named it: "tretinoin 0.05 %, niacinamide 4 %"."""
    return ", ".join(filter(None, map(_ingredient, ingredients)))


def _ingredient(told: Mapping[str, Any]) -> str:
    name = words(told.get("itemCodeableConcept")) or text(
        object_in(told.get("itemReference") or {}).get("display")
    )
    strength = object_in(told.get("strength") or {})
    over, under = (object_in(strength.get(part) or {}) for part in ("numerator", "denominator"))
    amount, each = _amount(over), _amount(under).removeprefix("1 ")
    return f"{name} {amount}{f'/{each}' if each else ''}" if name and amount else name


def _amount(quantity: Mapping[str, Any]) -> str:
    value = decimal(quantity.get("value"))
    return f"{value.normalize():f} {_unit(quantity)}".strip() if value is not None else ""


def _unit(quantity: Mapping[str, Any]) -> str:
    return text(quantity.get("unit")) or text(quantity.get("code"))
