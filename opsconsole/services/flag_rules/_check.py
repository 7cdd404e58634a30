"""What is wrong with rules before anything is flagged by them: everything at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...lib.conditions import EXISTS, OPERATORS, ORDERED
from ...models import FlagEffect, FlagKind, FlagSeverity
from .. import questionnaires
from ._apply import ANY
from ._words import ABOUT, questions

MOST_RULES, MOST_CONDITIONS = 50, 10
_CODE = re.compile(r"[a-z0-9][a-z0-9_]{0,59}")


def problems(rules: Sequence[Mapping[str, Any]]) -> list[str]:
    """Everything that is wrong: "pregnancy: ..."; none for rules that can hold. They may ask about what the forms that
    patients are asked now ask, and about nothing else: what nobody answers flags nobody."""
    if len(rules) > MOST_RULES:
        return [f"There are at most {MOST_RULES} rules."]
    known = questions()
    count = Counter(rule["code"] for rule in rules)
    return [
        f"{rule['code'] or 'Row ' + str(number)}: {words}"
        for number, rule in enumerate(rules, 1)
        for words in _of_one(rule, count, known)
    ]


def _of_one(
    rule: Mapping[str, Any], count: Mapping[str, int], known: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    if not _CODE.fullmatch(rule["code"]):
        yield "Its name has small letters, digits and _."
    elif count[rule["code"]] > 1:
        yield "Two rules have this name."
    for field, choices in (("kind", FlagKind), ("severity", FlagSeverity), ("effect", FlagEffect)):
        if rule[field] not in [one.value for one in choices]:
            yield f"Choose its {field}: {', '.join(choices)}."
    if not 0 < len(rule["says"]) <= 200:
        yield "Write what the clinician reads, in at most 200 characters."
    if not rule["when"]:
        yield "Write when it applies."
    if len(rule["when"]) > MOST_CONDITIONS:
        yield f"A rule has at most {MOST_CONDITIONS} conditions."
    for condition in rule["when"]:
        yield from _condition(condition, known)


def _condition(condition: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    about, asks, value = condition["about"], condition["is"], condition["value"]
    if about in ("answer", "changed"):
        yield from _answer(condition, known)
    elif about not in ABOUT or asks not in OPERATORS or asks == EXISTS:
        yield f"“{about}” is no condition. Write it like: answer pregnant = yes, age < 18, photos < 2, changed *."
    else:
        _, kind = ABOUT[about]
        if type(value) is not kind:
            yield f"“{about}” is compared with {'a whole number' if kind is int else 'yes or no'}."
        elif asks in ORDERED and kind is not int:
            yield f"“{about}” is no number: nothing is more or less than that."


def _answer(condition: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    question, asks, value = condition["question"], condition["is"], condition["value"]
    if condition["about"] == "changed":
        if known and question != ANY and question not in known:
            yield f"Patients are asked no “{question}” now."
    elif asks not in OPERATORS:
        yield f"“answer {question}” is no condition. Write it like: answer pregnant = yes."
    elif not known:
        return  # nobody is asked anything yet
    elif question not in known:
        yield f"Patients are asked no “{question}” now."
    else:
        item = known[question]
        choice = item["kind"] in ("choice", "choices")
        if item["kind"] in questionnaires.UNANSWERED:
            yield f"Nothing is answered to “{question}”."
        elif asks == EXISTS:
            return
        elif item["kind"] == "photo":
            yield f"Of “{question}” it can only be asked whether it is answered; count photos with: photos < 2."
        elif asks in ORDERED and item["kind"] not in ("integer", "number", "date"):
            yield f"“{question}” is no number: nothing is more or less than that."
        elif not questionnaires.fits(item, {"code": value} if choice else value):
            yield f"“{value}” is no answer to “{question}”."
