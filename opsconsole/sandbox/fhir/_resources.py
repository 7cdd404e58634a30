"""What may stand in each resource that this server keeps: https://hl7.org/fhir/R4/resourcelist.html

How elements are written stands in `_shapes.py`. A reference's targets are R4's; one of a type that this server does not keep
can only be by `identifier` or `display`.
"""

from __future__ import annotations

from ._datatypes import OPEN

_RESOURCE = {"id": "id", "meta": "Meta", "implicitRules": "uri", "language": "code"}
_DOMAIN = _RESOURCE | {
    "text": "Narrative", "contained": "Resource*", "extension": "Extension*", "modifierExtension": "Extension*",
}  # fmt: skip
_PEOPLE = "Practitioner PractitionerRole Organization Patient RelatedPerson Device"
_DRUG = "CodeableConcept|Reference Medication!"
_ANSWERS = "boolean|decimal|integer|date|dateTime|time|string|Coding|Quantity|Reference"

RESOURCES: dict[str, dict[str, str]] = {
    "Patient": _DOMAIN | {
        "identifier": "Identifier*", "active": "boolean", "name": "HumanName*", "telecom": "ContactPoint*",
        "gender": "code gender", "birthDate": "date", "deceased[x]": "boolean|dateTime", "address": "Address*",
        "maritalStatus": "CodeableConcept", "multipleBirth[x]": "boolean|integer", "photo": "Attachment*",
        "contact": "Patient.contact*", "communication": "Patient.communication*",
        "generalPractitioner": "Reference Organization Practitioner PractitionerRole*",
        "managingOrganization": "Reference Organization", "link": "Patient.link*",
    },
    "Practitioner": _DOMAIN | {
        "identifier": "Identifier*", "active": "boolean", "name": "HumanName*", "telecom": "ContactPoint*",
        "address": "Address*", "gender": "code gender", "birthDate": "date", "photo": "Attachment*",
        "qualification": "Practitioner.qualification*", "communication": "CodeableConcept*",
    },
    "MedicationRequest": _DOMAIN | {
        "identifier": "Identifier*", "status": "code medication-request!", "statusReason": "CodeableConcept",
        "intent": "code medication-intent!", "category": "CodeableConcept*", "priority": "code priority",
        "doNotPerform": "boolean",
        "reported[x]": "boolean|Reference Patient Practitioner PractitionerRole RelatedPerson Organization",
        "medication[x]": _DRUG, "subject": "Reference Patient Group!", "encounter": "Reference Encounter",
        "supportingInformation": "Reference*", "authoredOn": "dateTime", "requester": f"Reference {_PEOPLE}",
        "performer": f"Reference {_PEOPLE} CareTeam", "performerType": "CodeableConcept",
        "recorder": "Reference Practitioner PractitionerRole", "reasonCode": "CodeableConcept*",
        "reasonReference": "Reference Condition Observation*", "instantiatesCanonical": "canonical*",
        "instantiatesUri": "uri*",
        "basedOn": "Reference CarePlan MedicationRequest ServiceRequest ImmunizationRecommendation*",
        "groupIdentifier": "Identifier", "courseOfTherapyType": "CodeableConcept",
        "insurance": "Reference Coverage ClaimResponse*", "note": "Annotation*", "dosageInstruction": "Dosage*",
        "dispenseRequest": "MedicationRequest.dispenseRequest", "substitution": "MedicationRequest.substitution",
        "priorPrescription": "Reference MedicationRequest", "detectedIssue": "Reference DetectedIssue*",
        "eventHistory": "Reference Provenance*",
    },
    "MedicationDispense": _DOMAIN | {
        "identifier": "Identifier*", "partOf": "Reference Procedure*", "status": "code medication-dispense!",
        "statusReason[x]": "CodeableConcept|Reference DetectedIssue", "category": "CodeableConcept",
        "medication[x]": _DRUG, "subject": "Reference Patient Group", "context": "Reference Encounter EpisodeOfCare",
        "supportingInformation": "Reference*", "performer": "MedicationDispense.performer*",
        "location": "Reference Location", "authorizingPrescription": "Reference MedicationRequest*",
        "type": "CodeableConcept", "quantity": "SimpleQuantity", "daysSupply": "SimpleQuantity",
        "whenPrepared": "dateTime", "whenHandedOver": "dateTime", "destination": "Reference Location",
        "receiver": "Reference Patient Practitioner*", "note": "Annotation*", "dosageInstruction": "Dosage*",
        "substitution": "MedicationDispense.substitution", "detectedIssue": "Reference DetectedIssue*",
        "eventHistory": "Reference Provenance*",
    },
    "Task": _DOMAIN | {
        "identifier": "Identifier*", "instantiatesCanonical": "canonical", "instantiatesUri": "uri",
        "basedOn": "Reference*", "groupIdentifier": "Identifier", "partOf": "Reference Task*", "status": "code task!",
        "statusReason": "CodeableConcept", "businessStatus": "CodeableConcept", "intent": "code task-intent!",
        "priority": "code priority", "code": "CodeableConcept", "description": "string", "focus": "Reference",
        "for": "Reference", "encounter": "Reference Encounter", "executionPeriod": "Period", "authoredOn": "dateTime",
        "lastModified": "dateTime", "requester": f"Reference {_PEOPLE}", "performerType": "CodeableConcept*",
        "owner": f"Reference {_PEOPLE} CareTeam HealthcareService", "location": "Reference Location",
        "reasonCode": "CodeableConcept", "reasonReference": "Reference", "insurance": "Reference Coverage ClaimResponse*",
        "note": "Annotation*", "relevantHistory": "Reference Provenance*", "restriction": "Task.restriction",
        "input": "Task.input*", "output": "Task.output*",
    },
    "Questionnaire": _DOMAIN | {
        "url": "uri", "identifier": "Identifier*", "version": "string", "name": "string", "title": "string",
        "derivedFrom": "canonical*", "status": "code publication!", "experimental": "boolean",
        "subjectType": "code resource-type*", "date": "dateTime", "publisher": "string", "contact": "ContactDetail*",
        "description": "markdown", "useContext": "UsageContext*", "jurisdiction": "CodeableConcept*",
        "purpose": "markdown", "copyright": "markdown", "approvalDate": "date", "lastReviewDate": "date",
        "effectivePeriod": "Period", "code": "Coding*", "item": "Questionnaire.item*",
    },
    "QuestionnaireResponse": _DOMAIN | {
        "identifier": "Identifier", "basedOn": "Reference CarePlan ServiceRequest*",
        "partOf": "Reference Observation Procedure*", "questionnaire": "canonical", "status": "code answers!",
        "subject": "Reference", "encounter": "Reference Encounter", "authored": "dateTime",
        "author": f"Reference {_PEOPLE}", "source": "Reference Patient Practitioner PractitionerRole RelatedPerson",
        "item": "QuestionnaireResponse.item*",
    },
    "Encounter": _DOMAIN | {
        "identifier": "Identifier*", "status": "code encounter!", "statusHistory": "Encounter.statusHistory*",
        "class": "Coding!", "classHistory": "Encounter.classHistory*", "type": "CodeableConcept*",
        "serviceType": "CodeableConcept", "priority": "CodeableConcept", "subject": "Reference Patient Group",
        "episodeOfCare": "Reference EpisodeOfCare*", "basedOn": "Reference ServiceRequest*",
        "participant": "Encounter.participant*", "appointment": "Reference Appointment*", "period": "Period",
        "length": "Duration", "reasonCode": "CodeableConcept*",
        "reasonReference": "Reference Condition Procedure Observation ImmunizationRecommendation*",
        "diagnosis": "Encounter.diagnosis*", "account": "Reference Account*", "hospitalization": "Encounter.hospitalization",
        "location": "Encounter.location*", "serviceProvider": "Reference Organization", "partOf": "Reference Encounter",
    },
    "Flag": _DOMAIN | {
        "identifier": "Identifier*", "status": "code flag!", "category": "CodeableConcept*", "code": "CodeableConcept!",
        "subject": "Reference Patient Location Group Organization Practitioner PlanDefinition Medication Procedure!",
        "period": "Period", "encounter": "Reference Encounter",
        "author": "Reference Device Organization Patient Practitioner PractitionerRole",
    },
    "Binary": _RESOURCE | {"contentType": "code!", "securityContext": "Reference", "data": "base64Binary"},
}  # fmt: skip

#: Elements with elements of their own ("backbone").
PARTS: dict[str, dict[str, str]] = {
    "Patient.contact": {
        "relationship": "CodeableConcept*", "name": "HumanName", "telecom": "ContactPoint*", "address": "Address",
        "gender": "code gender", "organization": "Reference Organization", "period": "Period",
    },
    "Patient.communication": {"language": "CodeableConcept!", "preferred": "boolean"},
    "Patient.link": {"other": "Reference Patient RelatedPerson!", "type": "code link!"},
    "Practitioner.qualification": {
        "identifier": "Identifier*", "code": "CodeableConcept!", "period": "Period", "issuer": "Reference Organization",
    },
    "MedicationRequest.dispenseRequest": {
        "initialFill": "MedicationRequest.dispenseRequest.initialFill", "dispenseInterval": "Duration",
        "validityPeriod": "Period", "numberOfRepeatsAllowed": "unsignedInt", "quantity": "SimpleQuantity",
        "expectedSupplyDuration": "Duration", "performer": "Reference Organization",
    },
    "MedicationRequest.dispenseRequest.initialFill": {"quantity": "SimpleQuantity", "duration": "Duration"},
    "MedicationRequest.substitution": {"allowed[x]": "boolean|CodeableConcept!", "reason": "CodeableConcept"},
    "MedicationDispense.performer": {"function": "CodeableConcept", "actor": f"Reference {_PEOPLE}!"},
    "MedicationDispense.substitution": {
        "wasSubstituted": "boolean!", "type": "CodeableConcept", "reason": "CodeableConcept*",
        "responsibleParty": "Reference Practitioner PractitionerRole*",
    },
    "Task.restriction": {
        "repetitions": "positiveInt", "period": "Period",
        "recipient": "Reference Patient Practitioner PractitionerRole RelatedPerson Group Organization*",
    },
    "Task.input": {"type": "CodeableConcept!", "value[x]": f"{OPEN}!"},
    "Task.output": {"type": "CodeableConcept!", "value[x]": f"{OPEN}!"},
    "Questionnaire.item": {
        "linkId": "string!", "definition": "uri", "code": "Coding*", "prefix": "string", "text": "string",
        "type": "code item-type!", "enableWhen": "Questionnaire.item.enableWhen*", "enableBehavior": "code item-behavior",
        "required": "boolean", "repeats": "boolean", "readOnly": "boolean", "maxLength": "integer",
        "answerValueSet": "canonical", "answerOption": "Questionnaire.item.answerOption*",
        "initial": "Questionnaire.item.initial*", "item": "Questionnaire.item*",
    },
    "Questionnaire.item.enableWhen": {
        "question": "string!", "operator": "code item-operator!", "answer[x]": f"{_ANSWERS}!",
    },
    "Questionnaire.item.answerOption": {
        "value[x]": "integer|date|time|string|Coding|Reference!", "initialSelected": "boolean",
    },
    "Questionnaire.item.initial": {"value[x]": f"{_ANSWERS}|uri|Attachment!"},
    "QuestionnaireResponse.item": {
        "linkId": "string!", "definition": "uri", "text": "string", "answer": "QuestionnaireResponse.item.answer*",
        "item": "QuestionnaireResponse.item*",
    },
    "QuestionnaireResponse.item.answer": {
        "value[x]": f"{_ANSWERS}|uri|Attachment", "item": "QuestionnaireResponse.item*",
    },
    "Encounter.statusHistory": {"status": "code encounter!", "period": "Period!"},
    "Encounter.classHistory": {"class": "Coding!", "period": "Period!"},
    "Encounter.participant": {
        "type": "CodeableConcept*", "period": "Period",
        "individual": "Reference Practitioner PractitionerRole RelatedPerson",
    },
    "Encounter.diagnosis": {
        "condition": "Reference Condition Procedure!", "use": "CodeableConcept", "rank": "positiveInt",
    },
    "Encounter.hospitalization": {
        "preAdmissionIdentifier": "Identifier", "origin": "Reference Location Organization",
        "admitSource": "CodeableConcept", "reAdmission": "CodeableConcept", "dietPreference": "CodeableConcept*",
        "specialCourtesy": "CodeableConcept*", "specialArrangement": "CodeableConcept*",
        "destination": "Reference Location Organization", "dischargeDisposition": "CodeableConcept",
    },
    "Encounter.location": {
        "location": "Reference Location!", "status": "code encounter-location", "physicalType": "CodeableConcept",
        "period": "Period",
    },
}  # fmt: skip
