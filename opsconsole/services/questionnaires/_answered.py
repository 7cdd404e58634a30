"""Whether answers are answers to this version of a form, and how they read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ._asked import UNANSWERED, Answers, Items, placed

_SEVERAL = ("choices", "photo")


def invalid(items: Items, answers: Answers) -> dict[str, str]:
    """What is wrong with answers to a version, by the id that was answered, in words; none when all are valid."""
    known = {one.id: one.item for one in placed(items)}
    wrong = {}
    for id, values in answers.items():
        if id not in known:
            wrong[id] = "This version asks no such question."
        elif known[id]["kind"] in UNANSWERED:
            wrong[id] = "Nothing is answered here."
        elif len(values) > 1 and known[id]["kind"] not in _SEVERAL:
            wrong[id] = "One answer is asked for."
        elif any(not fits(known[id], value) for value in values):
            wrong[id] = "The answer is of another kind than the question."
    return wrong


def fits(item: Mapping[str, Any], value: Any) -> bool:
    """Whether one value can be an answer to the item, as vendors.healthcare.AnswersFacts tells it."""
    kind = item["kind"]
    if kind == "yes_no":
        return isinstance(value, bool)
    if kind in ("choice", "choices"):
        codes = {choice["code"] for choice in item.get("choices") or ()}
        return isinstance(value, dict) and value.get("code") in codes
    if kind == "photo":
        return isinstance(value, dict) and bool({"photo", "attachment"} & value.keys())
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "date":
        return isinstance(value, str) and is_day(value)
    return isinstance(value, str)


def is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def read(item: Mapping[str, Any] | None, values: tuple[Any, ...] | list[Any]) -> str:
    """Answers as people read them, in the words of the version they were given to; a question that is not known any more
    (`item` None) in the words of the answer."""
    texts = {choice["code"]: choice["text"] for choice in (item or {}).get("choices") or ()}
    return ", ".join(_read(value, texts) for value in values) or "no answer"


def _read(value: Any, texts: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dict) and "code" in value:
        return texts.get(value["code"]) or value.get("display") or value["code"]
    if isinstance(value, dict):
        return "a photo"
    return str(value)
