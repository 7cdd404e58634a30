"""What a FHIR server refuses, in our words: https://hl7.org/fhir/R4/operationoutcome.html

What it says in free text may repeat what it refuses, so it is not told: the code says what is wrong, the path where.
"""

from __future__ import annotations

import re

from .. import Declined, Unavailable
from .._asking import WrongShape
from .._wire import Answer
from ._fhir_elements import objects, resource
from ._token import FAILURES

_PATH = re.compile(
    r"(Patient|MedicationRequest|Task|Encounter|Questionnaire)(\.[A-Za-z]{1,40}(\[\d{1,3}\])?){0,6}"
)
# https://hl7.org/fhir/R4/valueset-issue-type.html
_MEANS = {
    "invalid": "it is not valid",
    "structure": "it is not built as it must be",
    "required": "something that is needed is missing",
    "value": "a value is not allowed",
    "invariant": "a rule about what goes together is not kept",
    "code-invalid": "a code is not known there",
    "security": "it is not allowed",
    "not-found": "there is no such record",
    "deleted": "the record was deleted",
    "business-rule": "a rule of theirs forbids it",
    "conflict": "somebody else has changed it meanwhile",
    "duplicate": "it is there already",
    "not-supported": "it does not do such a thing",
    "multiple-matches": "there are several such records",
    "too-long": "something is too long",
    "too-costly": "it is too much at once",
    "processing": "it could not be processed",
}


def failure(answer: Answer, *, changes: bool) -> Unavailable | Declined:
    """An answer that is no yes, as one of the port's two."""
    if told := FAILURES.status(answer, changes=changes):
        return told
    status = answer.status
    if said := refusal(answer.body):
        return Declined(*said, http_status=status)
    if status in (404, 410):
        return Declined("not-found", "The healthcare system has no such record.", http_status=status)
    return FAILURES.nonsense(f"HTTP {status}", changes=changes, http_status=status)


def refusal(body: bytes) -> tuple[str, str] | None:
    """The code and our words for an OperationOutcome; None for anything else."""
    try:
        issues = objects(resource(body.decode("utf-8", "replace"), "OperationOutcome").get("issue"))
    except WrongShape:
        return None
    severe = [one for one in issues if one.get("severity") in ("fatal", "error")] or issues
    if not severe or not isinstance(code := severe[0].get("code"), str):
        return None
    code = code if re.fullmatch(r"[a-z][a-z-]{0,59}", code) else "unknown"
    where = [
        path
        for one in severe
        for named in (one.get("expression"), one.get("location"))
        for path in (named if isinstance(named, list) else [])
        if isinstance(path, str) and _PATH.fullmatch(path)
    ]
    at = f" (at {', '.join(dict.fromkeys(where))})" if where else ""
    return code, f"The healthcare system refuses this: {_MEANS.get(code, f'“{code}”')}{at}."
