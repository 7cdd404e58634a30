"""FHIR R4's Questionnaire: https://hl7.org/fhir/R4/questionnaire.html"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .. import Declined
from . import QuestionnaireFacts
from ._fhir_elements import REF, Record, status, text
from ._in_place import with_member

# https://hl7.org/fhir/R4/valueset-publication-status.html
STATUSES = {"draft": "draft", "active": "active", "retired": "retired"}
CHOICES = "urn:opsconsole:choice"
#: What a question is to us -> https://hl7.org/fhir/R4/valueset-item-type.html
TYPES = {
    "yes_no": "boolean",
    "choice": "choice",
    "choices": "choice",
    "integer": "integer",
    "number": "decimal",
    "date": "date",
    "text": "text",
    "photo": "attachment",
    "group": "group",
    "display": "display",
}
_ANSWERS = {
    "yes_no": "answerBoolean",
    "choice": "answerCoding",
    "choices": "answerCoding",
    "integer": "answerInteger",
    "number": "answerDecimal",
    "date": "answerDate",
    "text": "answerString",
}


def questionnaire(found: Record) -> QuestionnaireFacts:
    data = found.data
    return QuestionnaireFacts(
        **found.seen,
        **status(data, STATUSES),
        url=text(data.get("url"), 500),
        number=text(data.get("version"), 60),
    )


def request(
    ref: str, *, url: str, number: str, title: str, status: str, items: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The resource to make. Raises Declined for items that are no questionnaire."""
    kinds = {str(one["id"]): str(one["kind"]) for one in _all(items)}
    if len(kinds) != sum(1 for _ in _all(items)):
        raise Declined("invariant", "Two questions of this questionnaire have the same id.")
    return {
        "resourceType": "Questionnaire",
        "url": url,
        "identifier": [{"system": REF, "value": ref}],
        "version": number,
        "title": title,
        "status": status,
        "subjectType": ["Patient"],
        "item": [_item(one, kinds) for one in items],
    }


def with_status(found: Record, status: str) -> str:
    return with_member(found.text, "status", json.dumps(status))


def _all(items: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for one in items:
        yield one
        yield from _all(one.get("items") or ())


def _item(told: Mapping[str, Any], kinds: Mapping[str, str]) -> dict[str, Any]:
    kind = str(told["kind"])
    if kind not in TYPES:
        raise Declined("value", "There is no such kind of question.")
    made: dict[str, Any] = {"linkId": told["id"], "text": told["text"], "type": TYPES[kind]}
    if conditions := told.get("when"):
        made["enableWhen"] = [_condition(one, kinds) for one in conditions]
        if len(conditions) > 1:
            made["enableBehavior"] = "all" if told.get("when_all") else "any"
    if told.get("required") and kind != "display":
        made["required"] = True
    if kind == "choices":
        made["repeats"] = True
    if choices := told.get("choices"):
        made["answerOption"] = [
            {"valueCoding": {"system": CHOICES, "code": one["code"], "display": one["text"]}}
            for one in choices
        ]
    if within := told.get("items"):
        made["item"] = [_item(one, kinds) for one in within]
    return made


def _condition(told: Mapping[str, Any], kinds: Mapping[str, str]) -> dict[str, Any]:
    """When a question is asked. "exists" asks for yes or no whatever is asked; a code is compared with its system."""
    asked = str(told["question"])
    name = "answerBoolean" if told["is"] == "exists" else _ANSWERS.get(kinds.get(asked, ""))
    if name is None:
        raise Declined("invariant", "A question waits for the answer to one that is not there or takes none.")
    value = told["value"]
    if name == "answerCoding":
        value = {"system": CHOICES, "code": value}
    return {"question": asked, "operator": told["is"], name: value}
