"""FHIR R4's Flag: https://hl7.org/fhir/R4/flag.html"""

from __future__ import annotations

from typing import Any

from . import FlagFacts
from ._fhir_elements import Record, codes, status, words
from ._fhir_references import Beside, id_of

STATUSES = {"active": "active", "inactive": "inactive", "entered-in-error": "entered_in_error"}
OURS = "urn:opsconsole:flag"
SNOMED = "http://snomed.info/sct"
_KINDS = frozenset({
    "pregnancy", "allergy", "interaction", "adverse_event", "photo_quality", "duplicate_therapy", "age",
    "hydroquinone_duration", "identity_mismatch", "licence_gap", "renewal_answers_changed", "pharmacist_query",
})  # fmt: skip
_SNOMED = {
    "77386006": "pregnancy",  # pregnant
    "289908002": "pregnancy",  # pregnancy
    "169560008": "pregnancy",  # pregnant - urine test confirms
    "419199007": "allergy",  # allergy to substance
    "416098002": "allergy",  # allergy to drug
    "609328004": "allergy",  # allergic disposition
    "106190000": "allergy",  # allergy
    "79899007": "interaction",  # drug interaction
    "281647001": "adverse_event",  # adverse reaction
    "62014003": "adverse_event",  # adverse reaction caused by drug
}


def flag(found: Record, beside: Beside) -> FlagFacts:
    data = found.data
    told = codes(data.get("code"))
    return FlagFacts(
        **found.seen,
        **status(data, STATUSES),
        patient=id_of(data.get("subject"), "Patient", beside=beside, within=data),
        visit=id_of(data.get("encounter"), "Encounter", beside=beside, within=data),
        kind=_kind(data.get("code")),
        raw_code=(told[0].code if told else words(data.get("code")))[:60],
    )


def _kind(concept: Any) -> str:
    """Ours where it is told, else what SNOMED's code means to us."""
    told = codes(concept)
    ours = (one.code for one in told if one.system == OURS and one.code in _KINDS)
    theirs = (_SNOMED[one.code] for one in told if one.system == SNOMED and one.code in _SNOMED)
    return next(ours, None) or next(theirs, "other")
