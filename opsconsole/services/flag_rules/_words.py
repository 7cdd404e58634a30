"""A rule in words, and the short form in which people write its conditions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...lib.conditions import EXISTS, IN_WORDS
from ...models import FlagRule, VisitKind
from .. import questionnaires
from ._apply import ANY

# What a condition can be about, beside an answer: its words, and what is compared with it.
ABOUT: dict[str, tuple[str, type]] = {
    "age": ("the patient’s age", int),
    "photos": ("the number of photos", int),
    "product": ("a product that was ordered", str),
    "ingredient": ("an ingredient of what was ordered", str),
    "not_in_pregnancy": ("something ordered may not be taken in pregnancy", bool),
    "visit": ("the kind of visit", str),
}
HELP = (
    "One condition a line: answer pregnant = yes · age < 18 · photos < 2 · product = NC60 · ingredient = tretinoin · "
    "not_in_pregnancy = yes · visit = renewal · changed pregnant, or changed * for any answer."
)
_ANSWER = re.compile(r"answer\s+(.+)", re.DOTALL)
_CHANGED = re.compile(r"(not\s+)?changed\s+(\S+)")
_COMPARED = re.compile(r"(\w+)\s*(!=|>=|<=|=|>|<)\s*(.+)", re.DOTALL)


def sentence(rule: FlagRule) -> str:
    """When a rule applies: "“Are you pregnant?” is Yes, and something ordered may not be taken in pregnancy"."""
    known = questions()
    said = [condition_in_words(one, known) for one in rule.when]
    return (", and " if rule.when_all else ", or ").join(said)


def questions() -> dict[str, Mapping[str, Any]]:
    """Every question that patients are asked now, by id."""
    return {one.id: one.item for form in questionnaires.forms() for one in questionnaires.placed(form.items)}


def condition_in_words(condition: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> str:
    about, value = condition["about"], condition["value"]
    if about == "answer":
        return questionnaires.condition_in_words(condition, known.get(condition["question"]))
    if about == "changed":
        item = known.get(condition["question"])
        what = (
            "any answer"
            if condition["question"] == ANY
            else f"“{item['text'] if item else condition['question']}”"
        )
        return f"{what} is {'otherwise' if value else 'the same'} than in the visit before".replace(
            "the same than", "the same as"
        )
    words, kind = ABOUT[about]
    if kind is bool:
        return words if value is (condition["is"] == "=") else "nothing ordered is against a pregnancy"
    if about == "visit" and value in {one.value for one in VisitKind}:
        value = VisitKind(value).words.lower()
    return f"{words} {IN_WORDS[condition['is']]} {value}"


def written(conditions: Any) -> str:
    """Conditions as people write them, one a line."""
    return "\n".join(_written(one) for one in conditions or ())


def _written(condition: Mapping[str, Any]) -> str:
    about, value = condition["about"], condition["value"]
    if about == "answer":
        return f"answer {questionnaires.written([condition])}"
    if about == "changed":
        return f"{'' if value else 'not '}changed {condition['question']}"
    if isinstance(value, bool):
        value = "yes" if value else "no"
    return f"{about} {condition['is']} {value}"


def as_conditions(text: str) -> list[dict[str, Any]]:
    """What people wrote, one condition a line. A line that is none keeps its words as `about`, for the check to tell of."""
    kinds = {id: str(item["kind"]) for id, item in questions().items()}
    return [_as_condition(line.strip(), kinds) for line in text.splitlines() if line.strip()]


def _as_condition(line: str, kinds: Mapping[str, str]) -> dict[str, Any]:
    if answer := _ANSWER.fullmatch(line):
        [condition] = questionnaires.as_conditions(" ".join(answer[1].split()), kinds)
        return {"about": "answer", **condition}
    if changed := _CHANGED.fullmatch(line):
        return {"about": "changed", "question": changed[2], "is": EXISTS, "value": not changed[1]}
    if compared := _COMPARED.fullmatch(line):
        return {"about": compared[1], "is": compared[2], "value": _as_value(compared[1], compared[3].strip())}
    return {"about": line, "is": "", "value": ""}


def _as_value(about: str, text: str) -> Any:
    kind = ABOUT.get(about, ("", str))[1]
    if kind is int:
        return int(text) if text.isdecimal() and len(text) < 9 else text
    if kind is bool:
        return {"yes": True, "no": False}.get(text.lower(), text)
    return text.lower() if about == "ingredient" else text
