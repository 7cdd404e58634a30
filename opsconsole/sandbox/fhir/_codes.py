"""Value sets whose codes are the only ones R4 takes (binding "required"): https://hl7.org/fhir/R4/terminologies-valuesets.html"""

from __future__ import annotations

_INTENTS = "proposal plan order original-order reflex-order filler-order instance-order option"
_UNITS_OF_TIME = "s min h d wk mo a"

CODES: dict[str, frozenset[str]] = {
    name: frozenset(codes.split())
    for name, codes in {
        # of data types
        "narrative": "generated extensions additional empty",
        "identifier": "usual official temp secondary old",
        "name": "usual official temp nickname anonymous old maiden",
        "contact": "phone fax email pager url sms other",
        "contact-use": "home work temp old mobile",
        "address": "home work temp old billing",
        "address-type": "postal physical both",
        "comparator": "< <= >= >",
        "unit-of-time": _UNITS_OF_TIME,
        "day": "mon tue wed thu fri sat sun",
        "event-timing": "MORN MORN.early MORN.late NOON AFT AFT.early AFT.late EVE EVE.early EVE.late NIGHT PHS"
        " HS WAKE C CM CD CV AC ACM ACD ACV PC PCM PCD PCV",
        # of people
        "gender": "male female other unknown",
        "link": "replaced-by replaces refer seealso",
        # of prescriptions
        "priority": "routine urgent asap stat",
        "medication-request": "active on-hold cancelled completed entered-in-error stopped draft unknown",
        "medication-intent": _INTENTS,
        "medication-dispense": "preparation in-progress cancelled on-hold completed entered-in-error stopped declined"
        " unknown",
        "task": "draft requested received accepted rejected ready cancelled in-progress on-hold failed completed"
        " entered-in-error",
        "task-intent": f"unknown {_INTENTS}",
        # of visits
        "encounter": "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown",
        "encounter-location": "planned active reserved completed",
        "flag": "active inactive entered-in-error",
        "publication": "draft active retired unknown",
        "resource-type": "Patient Practitioner Group Encounter Organization",
        "item-type": "group display boolean decimal integer date dateTime time string text url choice open-choice"
        " attachment reference quantity",
        "item-operator": "exists = != > < >= <=",
        "item-behavior": "all any",
        "answers": "in-progress completed amended entered-in-error stopped",
    }.items()
}
