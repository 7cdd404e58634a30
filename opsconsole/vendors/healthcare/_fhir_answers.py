"""FHIR R4's QuestionnaireResponse: https://hl7.org/fhir/R4/questionnaireresponse.html"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .._asking import WrongShape, clean, object_in
from . import AnswersFacts, Photo
from ._fhir_elements import Record, coding, decimal, instant, objects, status, text
from ._fhir_references import Beside, id_of

# https://hl7.org/fhir/R4/valueset-questionnaire-answers-status.html
STATUSES = {
    "in-progress": "in_progress",
    "completed": "completed",
    "amended": "amended",
    "entered-in-error": "entered_in_error",
    "stopped": "stopped",
}
DEEPEST = 50  # groups within groups
LONGEST = 20_000  # characters of one answer
_INLINE = re.compile(r"QuestionnaireResponse/([A-Za-z0-9\-.]{1,64})#(\d{1,5})")
_IMAGE = re.compile(r"image/[a-z0-9.+-]{1,40}")


def answers(found: Record, beside: Beside) -> AnswersFacts:
    data = found.data
    url, _, number = text(data.get("questionnaire"), 500).partition("|")
    return AnswersFacts(
        **found.seen,
        **status(data, STATUSES),
        questionnaire=url,
        number=number,
        patient=id_of(data.get("subject"), "Patient", beside=beside, within=data),
        visit=id_of(data.get("encounter"), "Encounter", beside=beside, within=data),
        authored_at=instant(data.get("authored")),
        answers=_flat(found),
    )


def _flat(found: Record) -> dict[str, tuple[Any, ...]]:
    """{link id: values}, of groups and of questions below others too; what was not answered is not there."""
    told: dict[str, list[Any]] = {}
    for place, (link, answer) in enumerate(_told(found.data)):
        if (value := _value(answer, f"QuestionnaireResponse/{found.id}#{place}")) is not None:
            told.setdefault(link, []).append(value)
    return {link: tuple(values) for link, values in told.items()}


def _told(parent: Mapping[str, Any], depth: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every answer with the link id it answers, in the order of the page."""
    if depth > DEEPEST:
        raise WrongShape("groups too deep")
    for item in objects(parent.get("item")):
        link = text(item.get("linkId"), 255)
        if not link:
            raise WrongShape("an answer to nothing")
        for answer in objects(item.get("answer")):
            yield link, answer
            yield from _told(answer, depth + 1)
        yield from _told(item, depth + 1)


def _value(answer: Mapping[str, Any], here: str) -> Any:
    """One answer in the port's terms; None where there is only an extension."""
    name, value = next(((n, v) for n, v in answer.items() if re.fullmatch(r"value[A-Z]\w*", n)), ("", None))
    if value is None:
        return None
    if name == "valueCoding":
        told = coding(object_in(value))
        return {"code": told.code, "display": told.display}
    if name == "valueAttachment":
        return _photo_told(object_in(value), here)
    if name == "valueReference":
        told_ref = object_in(value)
        return text(told_ref.get("display")) or text(told_ref.get("reference"))
    if name == "valueQuantity":
        return _number(object_in(value).get("value"))
    if name in ("valueDecimal", "valueInteger"):
        return _number(value)
    if name == "valueBoolean":
        if not isinstance(value, bool):
            raise WrongShape("an answer that is neither yes nor no")
        return value
    if not isinstance(value, str):
        raise WrongShape("an answer of an odd type")
    return clean(value)[:LONGEST]


def _number(value: Any) -> int | float | None:
    exact = decimal(value)
    if exact is None:
        return None
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _photo_told(attachment: Mapping[str, Any], here: str) -> dict[str, str]:
    """Where it is: at its URL, or within these answers."""
    return {
        "photo": text(attachment.get("url"), 1000) or here,
        "content_type": text(attachment.get("contentType"), 100),
        "title": text(attachment.get("title")),
    }


# photos


def inline(where: str) -> tuple[str, int] | None:
    """Whose answer holds a photo, and which of them, where `where` says that one does."""
    found = _INLINE.fullmatch(where)
    return (found[1], int(found[2])) if found else None


def photo_within(found: Record, place: int) -> Photo | None:
    for number, (_, answer) in enumerate(_told(found.data)):
        if number == place:
            told = object_in(answer.get("valueAttachment") or {})
            return photo(told.get("contentType"), _decoded(told["data"])) if told.get("data") else None
    return None


def binary(found: Mapping[str, Any]) -> Photo:
    """A Binary as a resource: https://hl7.org/fhir/R4/binary.html"""
    return photo(found.get("contentType"), _decoded(found.get("data")))


def photo(content_type: Any, data: bytes) -> Photo:
    """What is no picture by its own word is told as bytes that nobody should open."""
    kind = text(content_type, 100).partition(";")[0].strip().lower()
    return Photo(kind if _IMAGE.fullmatch(kind) else "application/octet-stream", data)


def _decoded(data: Any) -> bytes:
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (AttributeError, binascii.Error, ValueError):
        raise WrongShape("a photo that cannot be read") from None
