"""What R4 says may stand in the resources that we send, from its own pages (https://hl7.org/fhir/R4/task.html and so on),
with their required codes and invariants. It knows nothing of the adapter and nothing of the sandbox.

A `!` is required, a `*` a list, `Type` a data type, `Type:A|B` a reference to those, `[code|code]` a required value set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

_ORDER = "[proposal|plan|order|original-order|reflex-order|filler-order|instance-order|option]"
_RESOURCE = (
    "id id;meta Meta;implicitRules uri;language code;text Narrative;contained Any*;extension Extension*;"
    "modifierExtension Extension*;"
)
_BEFORE = "resourceType string!;"
_ELEMENT = "id string;extension Extension*;modifierExtension Extension*;"

RESOURCES = {
    "MedicationRequest": (
        "identifier Identifier*;status [active|on-hold|cancelled|completed|entered-in-error|stopped|draft|unknown]!;"
        f"statusReason CodeableConcept;intent {_ORDER}!;category CodeableConcept*;priority [routine|urgent|asap|stat];"
        "doNotPerform boolean;reportedBoolean boolean;reportedReference Reference;medicationCodeableConcept"
        " CodeableConcept;medicationReference Reference:Medication;subject Reference:Patient|Group!;encounter"
        " Reference:Encounter;supportingInformation Reference*;authoredOn dateTime;requester Reference:Practitioner|"
        "PractitionerRole|Organization|Patient|RelatedPerson|Device;performer Reference;performerType CodeableConcept;"
        "recorder Reference;reasonCode CodeableConcept*;reasonReference Reference*;instantiatesCanonical uri*;"
        "instantiatesUri uri*;basedOn Reference*;groupIdentifier Identifier;courseOfTherapyType CodeableConcept;"
        "insurance Reference*;note Annotation*;dosageInstruction Dosage*;dispenseRequest DispenseRequest;substitution"
        " Any;priorPrescription Reference:MedicationRequest;detectedIssue Reference*;eventHistory Reference*"
    ),
    "Task": (
        "identifier Identifier*;instantiatesCanonical uri;instantiatesUri uri;basedOn Reference*;groupIdentifier"
        " Identifier;partOf Reference:Task*;status [draft|requested|received|accepted|rejected|ready|cancelled|"
        "in-progress|on-hold|failed|completed|entered-in-error]!;statusReason CodeableConcept;businessStatus"
        " CodeableConcept;intent [unknown|proposal|plan|order|original-order|reflex-order|filler-order|instance-order|"
        "option]!;priority [routine|urgent|asap|stat];code CodeableConcept;description string;focus Reference;for"
        " Reference;encounter Reference:Encounter;executionPeriod Period;authoredOn dateTime;lastModified dateTime;"
        "requester Reference:Device|Organization|Patient|Practitioner|PractitionerRole|RelatedPerson;performerType"
        " CodeableConcept*;owner Reference:Practitioner|PractitionerRole|Organization|CareTeam|HealthcareService|"
        "Patient|Device|RelatedPerson;location Reference;reasonCode CodeableConcept;reasonReference Reference;insurance"
        " Reference*;note Annotation*;relevantHistory Reference*;restriction Any;input Parameter*;output Parameter*"
    ),
    "Encounter": (
        "identifier Identifier*;status [planned|arrived|triaged|in-progress|onleave|finished|cancelled|"
        "entered-in-error|unknown]!;statusHistory Any*;class Coding!;classHistory Any*;type CodeableConcept*;serviceType"
        " CodeableConcept;priority CodeableConcept;subject Reference:Patient|Group;episodeOfCare Reference*;basedOn"
        " Reference:ServiceRequest*;participant Participant*;appointment Reference*;period Period;length Duration;"
        "reasonCode CodeableConcept*;reasonReference Reference:Condition|Procedure|Observation|"
        "ImmunizationRecommendation*;diagnosis Any*;account Reference*;hospitalization Any;location Any*;"
        "serviceProvider Reference;partOf Reference:Encounter"
    ),
    "Questionnaire": (
        "url uri;identifier Identifier*;version string;name string;title string;derivedFrom uri*;status"
        " [draft|active|retired|unknown]!;experimental boolean;subjectType code*;date dateTime;publisher string;contact"
        " Any*;description string;useContext Any*;jurisdiction CodeableConcept*;purpose string;copyright string;"
        "approvalDate date;lastReviewDate date;effectivePeriod Period;code Coding*;item Item*"
    ),
}
TYPES = {
    "Meta": "versionId id;lastUpdated dateTime;source uri;profile uri*;security Coding*;tag Coding*",
    "Narrative": "status [generated|extensions|additional|empty]!;div string!",
    "Identifier": "use [usual|official|temp|secondary|old];type CodeableConcept;system uri;value string;period Period;"
    "assigner Reference:Organization",
    "CodeableConcept": "coding Coding*;text string",
    "Coding": "system uri;version string;code code;display string;userSelected boolean",
    "Reference": "reference string;type uri;identifier Identifier;display string",
    "Period": "start dateTime;end dateTime",
    "Quantity": "value decimal;comparator [<|<=|>=|>];unit string;system uri;code code",
    "Duration": "value decimal;comparator [<|<=|>=|>];unit string;system uri;code code",
    "Annotation": "authorReference Reference;authorString string;time dateTime;text string!",
    "Dosage": "sequence integer;text string;additionalInstruction CodeableConcept*;patientInstruction string;timing Any;"
    "asNeededBoolean boolean;asNeededCodeableConcept CodeableConcept;site CodeableConcept;route CodeableConcept;method"
    " CodeableConcept;doseAndRate Any*;maxDosePerPeriod Any;maxDosePerAdministration Quantity;maxDosePerLifetime"
    " Quantity",
    "DispenseRequest": "initialFill Any;dispenseInterval Duration;validityPeriod Period;numberOfRepeatsAllowed"
    " unsignedInt;quantity Quantity;expectedSupplyDuration Duration;performer Reference:Organization",
    "Participant": "type CodeableConcept*;period Period;individual Reference:Practitioner|PractitionerRole|RelatedPerson",
    "Parameter": "type CodeableConcept!;valueCanonical uri;valueString string;valueReference Reference;valueCode code",
    "Item": "linkId string!;definition uri;code Coding*;prefix string;text string;type [group|display|boolean|decimal|"
    "integer|date|dateTime|time|string|text|url|choice|open-choice|attachment|reference|quantity]!;enableWhen When*;"
    "enableBehavior [all|any];required boolean;repeats boolean;readOnly boolean;maxLength integer;answerValueSet uri;"
    "answerOption Option*;initial Any*;item Item*",
    "When": "question string!;operator [exists|=|!=|>|<|>=|<=]!;answerBoolean boolean;answerDecimal decimal;"
    "answerInteger integer;answerDate date;answerDateTime dateTime;answerTime string;answerString string;answerCoding"
    " Coding;answerQuantity Quantity;answerReference Reference",
    "Option": "valueInteger integer;valueDate date;valueTime string;valueString string;valueCoding Coding;valueReference"
    " Reference;initialSelected boolean",
}
_DATE = r"\d{4}(-\d{2}(-\d{2})?)?"
PRIMITIVES = {
    "id": r"[A-Za-z0-9\-.]{1,64}",
    "code": r"[^\s]+( [^\s]+)*",
    "uri": r"\S+",
    "string": r"[\s\S]*\S[\s\S]*",
    "date": _DATE,
    "dateTime": rf"{_DATE}|\d{{4}}-\d{{2}}-\d{{2}}T\d{{2}}:\d{{2}}:\d{{2}}(\.\d+)?(Z|[+-]\d{{2}}:\d{{2}})",
}


def check(resource: dict[str, Any]) -> None:
    """Asserts that R4 allows it."""
    kind = resource["resourceType"]
    _object(resource, _BEFORE + _RESOURCE + RESOURCES[kind], kind)
    if kind == "MedicationRequest":
        told = [name for name in resource if name.startswith("medication")]
        assert len(told) == 1, "medication[x] is 1..1"
    if kind == "Questionnaire":
        _questionnaire(resource)


def _object(value: Any, table: str, at: str) -> None:
    assert isinstance(value, dict) and value, f"{at}: ele-1, an element has a value or children"
    known = dict(one.strip().split(" ", 1) for one in table.split(";") if one.strip())
    for name, kind in known.items():
        assert not kind.endswith("!") or name in value, f"{at}.{name} is required"
    for name, given in value.items():
        assert name in known, f"{at}.{name}: there is no such element"
        kind = known[name].removesuffix("!")
        if kind.endswith("*"):
            assert isinstance(given, list) and given, f"{at}.{name} is a list, and not empty"
            for one in given:
                _one(one, kind[:-1], f"{at}.{name}")
        else:
            _one(given, kind, f"{at}.{name}")


def _one(value: Any, kind: str, at: str) -> None:
    name, _, targets = kind.partition(":")
    if name in ("Any", "Extension"):
        return
    if kind.startswith("["):
        assert value in kind[1:-1].split("|"), f"{at}: {value} is not in the value set"
    elif name == "boolean":
        assert isinstance(value, bool), at
    elif name in ("integer", "unsignedInt"):
        assert type(value) is int and (name == "integer" or value >= 0), at
    elif name == "decimal":
        assert isinstance(value, int | float) and not isinstance(value, bool), at
    elif name in PRIMITIVES:
        assert isinstance(value, str) and re.fullmatch(PRIMITIVES[name], value), f"{at}: no {name}"
    else:
        _object(value, _ELEMENT + TYPES[name], at)
        _rules(value, name, targets, at)


def _rules(value: dict[str, Any], kind: str, targets: str, at: str) -> None:
    """The invariants of data types."""
    if kind == "Reference" and "reference" in value:
        found = re.fullmatch(r"([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}", value["reference"])
        assert found, f"{at}: no reference"
        assert not targets or found[1] in targets.split("|"), f"{at}: {found[1]} is not {targets}"
    if kind in ("Quantity", "Duration"):
        assert "code" not in value or "system" in value, f"{at}: qty-3"
    if kind == "Duration" and "value" in value:
        assert value.get("system") == "http://unitsofmeasure.org", f"{at}: drt-1"
        assert value.get("code") in ("min", "h", "d", "wk", "mo", "a"), f"{at}: drt-1"
    if kind == "Period" and {"start", "end"} <= value.keys():
        assert date.fromisoformat(value["start"][:10]) <= date.fromisoformat(value["end"][:10]), (
            f"{at}: per-1"
        )
    for choice in ("value", "answer"):
        if kind in ("Parameter", "When", "Option") and any(name.startswith(choice) for name in value):
            assert sum(bool(re.match(rf"{choice}[A-Z]", name)) for name in value) == 1, f"{at}.{choice}[x]"


def _items(parent: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in parent.get("item", []):
        yield one
        yield from _items(one)


def _questionnaire(resource: dict[str, Any]) -> None:
    """https://hl7.org/fhir/R4/questionnaire.html#invs"""
    items = [*_items(resource)]
    links = {one["linkId"]: one for one in items}
    assert len(links) == len(items), "que-2"
    for one in items:
        kind, at = one["type"], one["linkId"]
        assert (kind != "group" or "item" in one) and (kind != "display" or "item" not in one), f"{at}: que-1"
        assert "answerOption" not in one or "answerValueSet" not in one, f"{at}: que-4"
        assert "answerOption" not in one or kind in (
            "choice", "open-choice", "integer", "date", "time", "string",
        ), f"{at}: que-5"  # fmt: skip
        assert kind != "display" or not {"required", "repeats", "readOnly"} & one.keys(), (
            f"{at}: que-6, que-9"
        )
        assert "maxLength" not in one or kind not in ("group", "display", "boolean", "choice"), (
            f"{at}: que-10"
        )
        assert len(one.get("enableWhen", [])) < 2 or "enableBehavior" in one, f"{at}: que-12"
        for when in one.get("enableWhen", []):
            assert when["question"] in links and when["question"] != at, f"{at}: it waits for nothing"
            assert when["operator"] != "exists" or "answerBoolean" in when, f"{at}: que-7"
            answer = next(name for name in when if name.startswith("answer"))
            fits = {"boolean": "answerBoolean", "choice": "answerCoding", "integer": "answerInteger",
                    "decimal": "answerDecimal", "date": "answerDate", "text": "answerString"}  # fmt: skip
            asked = links[when["question"]]
            assert when["operator"] == "exists" or fits[asked["type"]] == answer, f"{at}: another type"
            if answer == "answerCoding":
                offered = [
                    (told["valueCoding"].get("system"), told["valueCoding"]["code"])
                    for told in asked["answerOption"]
                ]
                told = when["answerCoding"]
                assert (told.get("system"), told["code"]) in offered, (
                    f"{at}: waits for what nobody can answer"
                )
