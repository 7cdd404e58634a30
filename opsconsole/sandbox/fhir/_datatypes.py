"""R4's data types, as far as the resources of this server use them: https://hl7.org/fhir/R4/datatypes.html

How elements are written stands in `_shapes.py`.
"""

from __future__ import annotations

#: The types that an extension's or a task's value may have.
OPEN = (
    "base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|markdown|positiveInt|string|time"
    "|unsignedInt|uri|url|Address|Annotation|Attachment|CodeableConcept|Coding|ContactPoint|Quantity|HumanName"
    "|Identifier|Period|Range|Ratio|Reference|ContactDetail|UsageContext|Dosage|Timing|Meta"
)

DATATYPES: dict[str, dict[str, str]] = {
    "Extension": {"url": "uri!", "value[x]": OPEN},
    "Meta": {
        "versionId": "id", "lastUpdated": "instant", "source": "uri", "profile": "canonical*", "security": "Coding*",
        "tag": "Coding*",
    },
    "Narrative": {"status": "code narrative!", "div": "string!"},
    "Identifier": {
        "use": "code identifier", "type": "CodeableConcept", "system": "uri", "value": "string", "period": "Period",
        "assigner": "Reference Organization",
    },
    "HumanName": {
        "use": "code name", "text": "string", "family": "string", "given": "string*", "prefix": "string*",
        "suffix": "string*", "period": "Period",
    },
    "ContactPoint": {
        "system": "code contact", "value": "string", "use": "code contact-use", "rank": "positiveInt", "period": "Period",
    },
    "ContactDetail": {"name": "string", "telecom": "ContactPoint*"},
    "Address": {
        "use": "code address", "type": "code address-type", "text": "string", "line": "string*", "city": "string",
        "district": "string", "state": "string", "postalCode": "string", "country": "string", "period": "Period",
    },
    "CodeableConcept": {"coding": "Coding*", "text": "string"},
    "Coding": {
        "system": "uri", "version": "string", "code": "code", "display": "string", "userSelected": "boolean",
    },
    "Period": {"start": "dateTime", "end": "dateTime"},
    "Quantity": {
        "value": "decimal", "comparator": "code comparator", "unit": "string", "system": "uri", "code": "code",
    },
    "SimpleQuantity": {"value": "decimal", "unit": "string", "system": "uri", "code": "code"},
    "Range": {"low": "SimpleQuantity", "high": "SimpleQuantity"},
    "Ratio": {"numerator": "Quantity", "denominator": "Quantity"},
    "Reference": {"reference": "string", "type": "uri", "identifier": "Identifier", "display": "string"},
    "Attachment": {
        "contentType": "code", "language": "code", "data": "base64Binary", "url": "uri", "size": "unsignedInt",
        "hash": "base64Binary", "title": "string", "creation": "dateTime",
    },
    "Annotation": {
        "author[x]": "Reference Practitioner Patient RelatedPerson Organization|string", "time": "dateTime",
        "text": "markdown!",
    },
    "UsageContext": {"code": "Coding!", "value[x]": "CodeableConcept|Quantity|Range|Reference!"},
    "Timing": {"event": "dateTime*", "repeat": "Timing.repeat", "code": "CodeableConcept"},
    "Timing.repeat": {
        "bounds[x]": "Duration|Range|Period", "count": "positiveInt", "countMax": "positiveInt", "duration": "decimal",
        "durationMax": "decimal", "durationUnit": "code unit-of-time", "frequency": "positiveInt",
        "frequencyMax": "positiveInt", "period": "decimal", "periodMax": "decimal", "periodUnit": "code unit-of-time",
        "dayOfWeek": "code day*", "timeOfDay": "time*", "when": "code event-timing*", "offset": "unsignedInt",
    },
    "Dosage": {
        "sequence": "integer", "text": "string", "additionalInstruction": "CodeableConcept*",
        "patientInstruction": "string", "timing": "Timing", "asNeeded[x]": "boolean|CodeableConcept",
        "site": "CodeableConcept", "route": "CodeableConcept", "method": "CodeableConcept",
        "doseAndRate": "Dosage.doseAndRate*", "maxDosePerPeriod": "Ratio", "maxDosePerAdministration": "SimpleQuantity",
        "maxDosePerLifetime": "SimpleQuantity",
    },
    "Dosage.doseAndRate": {
        "type": "CodeableConcept", "dose[x]": "Range|Quantity", "rate[x]": "Ratio|Range|Quantity",
    },
}  # fmt: skip
DATATYPES["Duration"] = DATATYPES["Quantity"]
