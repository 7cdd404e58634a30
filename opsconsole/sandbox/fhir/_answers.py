"""A patient's answers as a QuestionnaireResponse's items, and their photos as Binaries."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from . import _records, _search, _shapes
from ._turn import Turn, reference_of

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def answered(
    turn: Turn, canonical: str, given: Mapping[str, Any], before: Sequence[Mapping[str, Any]]
) -> list[Any]:
    """What was given, over what was `before`. As the questionnaire has it, where it is kept here; as one list of questions
    otherwise. Raises ValueError for an answer to what is not asked."""
    answers = {one["linkId"]: one["answer"] for one in _shapes.items({"item": before}) if "answer" in one}
    asked = _questionnaire(turn, canonical)
    known = {one["linkId"]: one for one in _shapes.items(asked)} if asked else {}
    for link, values in given.items():
        if asked and link not in known:
            raise ValueError(f"{canonical} asks no {link}")
        several = values if isinstance(values, list | tuple) else [values]
        answers[link] = [_value(one, known.get(link, {})) for one in several]
    if asked is None:
        return [{"linkId": link, "answer": values} for link, values in answers.items()]
    return _filled(asked.get("item", ()), answers)


def _filled(items: Sequence[Mapping[str, Any]], answers: Mapping[str, list[Any]]) -> list[Any]:
    found = []
    for item in items:
        one: dict[str, Any] = {name: item[name] for name in ("linkId", "text") if name in item}
        if item["linkId"] in answers:
            one["answer"] = answers[item["linkId"]]
        if within := _filled(item.get("item", ()), answers):
            one["item"] = within
        if {"answer", "item"} & set(one):
            found.append(one)
    return found


def _value(value: Any, item: Mapping[str, Any]) -> dict[str, Any]:
    kind = item.get("type", "")
    if isinstance(value, Mapping):
        return {"valueCoding" if "code" in value else "valueAttachment": dict(value)}
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, int | float):
        return {"valueInteger" if isinstance(value, int) and kind != "decimal" else "valueDecimal": value}
    text = str(value)
    if kind in ("choice", "open-choice"):
        options = [one.get("valueCoding", {}) for one in item.get("answerOption", ())]
        if chosen := next((one for one in options if text in (one.get("code"), one.get("display"))), None):
            return {"valueCoding": chosen}
    if kind in ("date", "") and _DAY.fullmatch(text):
        return {"valueDate": text}
    return {"valueString": text}


def _questionnaire(turn: Turn, canonical: str) -> dict[str, Any] | None:
    url, _, version = canonical.partition("|")
    found = _search.found(turn, "Questionnaire", [("url", url), *([("version", version)] if version else [])])
    return found[-1] if found else None


def attachments(turn: Turn, patient: Mapping[str, Any] | None, photos: Any) -> list[dict[str, Any]]:
    """The photos are kept as Binaries; what is told is where they are fetched."""
    told = []
    some = [sample(n) for n in range(photos)] if isinstance(photos, int) else photos
    for number, photo in enumerate(some, 1):
        data, kind = str(photo["data"]), str(photo["content_type"])
        binary: dict[str, Any] = {"resourceType": "Binary", "contentType": kind, "data": data}
        if reference_of(patient):
            binary["securityContext"] = patient
        kept = _records.add(turn, binary)
        size = len(base64.b64decode(data))
        told.append(
            {"contentType": kind, "url": f"Binary/{kept['id']}", "size": size, "title": f"Photo {number}",
             "creation": turn.instant}
        )  # fmt: skip
    return told


def sample(number: int, side: int = 96) -> dict[str, str]:
    """A picture of nobody: a patch of skin colour with a paler disc, another one for each number."""

    def dot(x: int, y: int) -> tuple[int, int, int]:
        near = (x - side // 2) ** 2 + (y - side // 2) ** 2 < (side // 3 - 6 * (number % 4)) ** 2
        return (214, 160, 140) if near else (232, 190 - 8 * (number % 4), 172)

    rows = b"".join(b"\0" + bytes(c for x in range(side) for c in dot(x, y)) for y in range(side))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return {"content_type": "image/png", "data": base64.b64encode(png).decode()}
