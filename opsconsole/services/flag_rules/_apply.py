"""Which rules apply to what is known of a visit: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...lib.conditions import combined, meets
from ...models import FlagRule
from ._gather import Told

ANY = "*"  # of "changed": whichever question


def applying(rules: Iterable[FlagRule], told: Told) -> list[FlagRule]:
    """The rules that apply, in their order."""
    return [rule for rule in rules if applies(rule, told)]


def applies(rule: FlagRule, told: Told) -> bool:
    return combined((_holds(one, told) for one in rule.when), all_of=rule.when_all)


def _holds(condition: Mapping[str, Any], told: Told) -> bool:
    if condition["about"] == "changed":
        return bool(_changed(condition["question"], told)) is bool(condition["value"])
    return meets(_values(condition, told), condition["is"], condition["value"])


def _values(condition: Mapping[str, Any], told: Told) -> Sequence[Any]:
    about = condition["about"]
    if about == "answer":
        return told.answers.get(condition["question"], ())
    return {
        "age": () if told.age is None else (told.age,),
        "product": sorted(told.skus),
        "ingredient": sorted(told.ingredients),
        "not_in_pregnancy": (told.not_in_pregnancy,),
        "photos": (told.photos,),
        "visit": (told.kind,),
    }[about]


def _changed(question: str, told: Told) -> set[str]:
    """The questions, or that one, that are answered otherwise than in the visit before; nothing changed without one."""
    if told.before is None:
        return set()
    asked = {question} if question != ANY else {*told.answers, *told.before}
    return {id for id in asked if list(told.answers.get(id, ())) != list(told.before.get(id, ()))}
