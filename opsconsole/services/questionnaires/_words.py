"""A version in words: the condition of a question as a sentence, and the short form in which people write conditions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...lib.conditions import EXISTS, IN_WORDS
from ._asked import Items, placed

KINDS = {
    "yes_no": "yes or no",
    "choice": "one of several",
    "choices": "any of several",
    "integer": "a whole number",
    "number": "a number",
    "date": "a day",
    "text": "words",
    "photo": "photos",
    "group": "questions that belong together",
    "display": "words without a question",
}
_COMPARED = re.compile(r"(\S+)\s*(!=|>=|<=|=|>|<)\s*(.+)", re.DOTALL)
_THERE = re.compile(r"(\S+)\s+is\s+(not\s+)?answered")


def conditions_in_words(item: Mapping[str, Any], items: Items) -> str:
    """When the item is asked: "Asked when “Are you pregnant?” is Yes". Empty for what is always asked."""
    known = {one.id: one.item for one in placed(items)}
    said = [condition_in_words(one, known.get(one["question"])) for one in item.get("when") or ()]
    if not said:
        return ""
    return f"Asked when {(' and ' if item.get('when_all') else ' or ').join(said)}"


def condition_in_words(condition: Mapping[str, Any], about: Mapping[str, Any] | None) -> str:
    """One condition, about that item: "“Are you pregnant?” is Yes"."""
    question = f"“{about['text']}”" if about else f"“{condition['question']}” (which nobody is asked now)"
    if condition["is"] == EXISTS:
        return f"{question} is {'' if condition['value'] else 'not '}answered"
    texts = {choice["code"]: choice["text"] for choice in (about or {}).get("choices") or ()}
    return f"{question} {IN_WORDS[condition['is']]} {value_in_words(condition['value'], texts)}"


def value_in_words(value: Any, texts: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return texts.get(value, str(value)) if isinstance(value, str) else str(value)


# ------------------------------------------------------------------ as people write them


def written(conditions: Any) -> str:
    """Conditions as people write them, one a line: "pregnant = yes"."""
    return "\n".join(_written(one) for one in conditions or ())


def _written(condition: Mapping[str, Any]) -> str:
    if condition["is"] == EXISTS:
        return f"{condition['question']} is {'' if condition['value'] else 'not '}answered"
    value = condition["value"]
    if isinstance(value, bool):
        value = "yes" if value else "no"
    return f"{condition['question']} {condition['is']} {value}"


def as_conditions(text: str, kinds: Mapping[str, str]) -> list[dict[str, Any]]:
    """What people wrote, one condition a line, with each value read as its question's kind (`kinds`: {id: kind}) asks.

    A line that is no condition keeps its words as `question`: the check of the version tells of it.
    """
    return [_as_condition(line.strip(), kinds) for line in text.splitlines() if line.strip()]


def _as_condition(line: str, kinds: Mapping[str, str]) -> dict[str, Any]:
    if there := _THERE.fullmatch(line):
        return {"question": there[1], "is": EXISTS, "value": not there[2]}
    if compared := _COMPARED.fullmatch(line):
        question, asks, value = compared[1], compared[2], compared[3].strip()
        return {"question": question, "is": asks, "value": _as_value(value, kinds.get(question, ""))}
    return {"question": line, "is": "", "value": ""}


def _as_value(text: str, kind: str) -> Any:
    """The value that is written, as far as it is one of its kind; of a question that nobody knows, as it looks."""
    if kind in ("yes_no", "") and text.lower() in ("yes", "no"):
        return text.lower() == "yes"
    if kind in ("integer", "number", ""):
        try:
            number = float(text)
        except ValueError:
            return text
        return int(number) if number.is_integer() else number
    return text
