"""Comparing what was answered with what a rule asks for: pure, by FHIR R4's meaning of enableWhen
(https://hl7.org/fhir/R4/valueset-questionnaire-enable-operator.html)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

EXISTS = "exists"
ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
OPERATORS = ("=", "!=", *ORDERED, EXISTS)
IN_WORDS = {
    "=": "is",
    "!=": "is not",
    ">": "is more than",
    "<": "is less than",
    ">=": "is at least",
    "<=": "is at most",
}


def meets(values: Sequence[Any], asks: str, wanted: Any) -> bool:
    """Whether `values`, of which there may be several or none, are as asked. A choice counts by its code.

    `exists` asks whether there is one, or with False whether there is none. `!=` holds when none of them is the value, so
    also when there is none; the others hold when one of them does.
    """
    plain = [plainly(value) for value in values]
    if asks == EXISTS:
        return bool(plain) is bool(wanted)
    if asks == "=":
        return any(_same(one, wanted) for one in plain)
    if asks == "!=":
        return not any(_same(one, wanted) for one in plain)
    return any(_comparable(one, wanted) and ORDERED[asks](one, wanted) for one in plain)


def combined(met: Iterable[bool], *, all_of: bool) -> bool:
    """Whether conditions that were met or not hold together: all of them, or one."""
    return all(met) if all_of else any(met)


def plainly(value: Any) -> Any:
    """A value as it is compared: of a choice its code."""
    return value["code"] if isinstance(value, dict) and "code" in value else value


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _comparable(one: Any, other: Any) -> bool:
    """Numbers with numbers, days (as 2026-01-31) with days; yes and no are neither."""
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    return numbers or (isinstance(one, str) and isinstance(other, str))
