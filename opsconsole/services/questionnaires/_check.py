"""What is wrong with a version before anybody is asked it: everything at once, each with where it stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, product
from math import prod
from typing import Any

from ...lib.conditions import EXISTS, OPERATORS, ORDERED
from ._answered import fits, is_day
from ._asked import UNANSWERED, Items, Placed, asked, placed
from ._words import KINDS

MOST_ITEMS, DEEPEST, LONGEST = 60, 5, 1_000
MOST_TRIED = (
    20_000  # combinations of answers that are gone through to see whether a question can ever be asked
)
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}")
_CHOICES = ("choice", "choices")


def problems(items: Items) -> list[str]:
    """Everything that is wrong, in the order of the page: "3.1 weeks: ..."; none for a version that can be asked."""
    found = list(placed(items))
    if not found:
        return ["There is no question."]
    if len(found) > MOST_ITEMS:
        return [f"A form has at most {MOST_ITEMS} questions."]
    told = [f"{one.number} {one.id or '?'}: {words}" for one in found for words in _of_one(one, found)]
    return told or _never_asked(items, found)


def _of_one(one: Placed, found: Sequence[Placed]) -> Iterator[str]:
    item, kind = one.item, one.item.get("kind")
    if not _ID.fullmatch(one.id):
        yield "An id has small letters, digits, - _ and dots."
    elif Counter(other.id for other in found)[one.id] > 1:
        yield "Another question has the same id."
    if kind not in KINDS:
        yield f"There is no kind “{kind}”. Choose one of: {', '.join(KINDS)}."
    if not 0 < len(str(item.get("text") or "").strip()) <= LONGEST:
        yield f"Write what is asked, in at most {LONGEST} characters."
    if len(one.parents) >= DEEPEST:
        yield f"Groups go at most {DEEPEST} deep."
    if kind == "group" and not item.get("items"):
        yield "Nothing stands in this group."
    if kind == "display" and item.get("items"):
        yield "Nothing can stand in words without a question."
    if kind in UNANSWERED and item.get("required"):
        yield "Nothing is answered here, so it cannot be required."
    yield from _choices(item)
    for condition in item.get("when") or ():
        yield from _condition(condition, one, found)


def _choices(item: Mapping[str, Any]) -> Iterator[str]:
    choices = item.get("choices") or []
    if item.get("kind") not in _CHOICES:
        if choices:
            yield "Only a choice has answers to choose from."
        return
    if not choices:
        yield "Write down what can be chosen."
    for code, count in Counter(choice.get("code", "") for choice in choices).items():
        if not _ID.fullmatch(code):
            yield f"“{code}”: the code of a choice has small letters, digits, - _ and dots."
        elif count > 1:
            yield f"“{code}” can be chosen twice."
    if any(not str(choice.get("text") or "").strip() for choice in choices):
        yield "Write what each choice reads."


def _condition(condition: Mapping[str, Any], one: Placed, found: Sequence[Placed]) -> Iterator[str]:
    about, asks, value = str(condition.get("question", "")), condition.get("is"), condition.get("value")
    others = {other.id: other for other in found}
    if asks not in OPERATORS:
        yield f"“{about}” is no condition. Write it like: pregnant = yes, age >= 18, photo is answered."
        return
    if about not in others:
        yield f"It asks about “{about}”, which is no question of this form."
        return
    if about == one.id:
        yield "It asks about its own answer."
        return
    order = [other.id for other in found]
    if order.index(about) > order.index(one.id):
        circle = _waits_for(others, about, one.id)
        yield (
            f"It asks about “{about}”, which waits for this one: they go round in a circle."
            if circle
            else f"It asks about “{about}”, which comes later."
        )
        return
    yield from _value(others[about].item, about, asks, value)


def _waits_for(others: Mapping[str, Placed], id: str, wanted: str) -> bool:
    """Whether the question `id`, or one that it waits for, waits for `wanted`."""
    seen, open_ = {id}, [id]
    while open_:
        for condition in others[open_.pop()].item.get("when") or ():
            if condition.get("question") == wanted:
                return True
            if (next_ := condition.get("question")) in others and next_ not in seen:
                seen.add(next_)
                open_.append(next_)
    return False


def _value(item: Mapping[str, Any], about: str, asks: Any, value: Any) -> Iterator[str]:
    kind = item.get("kind")
    if kind in UNANSWERED:
        yield f"It asks about “{about}”, to which nothing is answered."
    elif asks == EXISTS:
        if not isinstance(value, bool):
            yield "“is answered” or “is not answered” is asked, and no value."
    elif kind == "photo":
        yield f"Of “{about}” it can only be asked whether it is answered."
    elif asks in ORDERED and kind not in ("integer", "number", "date"):
        yield f"“{about}” is {KINDS.get(str(kind), 'no number')}: nothing is more or less than that."
    elif kind in KINDS and not fits(item, {"code": value} if kind in _CHOICES else value):
        words = "no choice of it" if kind in _CHOICES else f"not {KINDS[str(kind)]}"
        yield f"It compares “{about}” with “{value}”, which is {words}."


# ------------------------------------------------------------------ what can never be asked


def _never_asked(items: Items, found: Sequence[Placed]) -> list[str]:
    """Questions that no answers lead to. What depends on too much to go through is believed."""
    known = {one.id: one for one in found}
    return [
        f"{one.number} {one.id}: Whatever is answered, this is never asked"
        + (", and it is required." if one.item.get("required") else ".")
        for one in found
        if one.item.get("when") and not _can_be_asked(items, one, known)
    ]


def _can_be_asked(items: Items, one: Placed, known: Mapping[str, Placed]) -> bool:
    needed = _depends_on(one, known)
    tried = {id: _telling(known[id].item, known.values()) for id in sorted(needed)}
    if prod(len(values) for values in tried.values()) > MOST_TRIED:
        return True
    # Only what it depends on, and what that stands in, is looked at again and again.
    around = needed | {one.id} | {parent for id in (*needed, one.id) for parent in known[id].parents}
    small = _only(items, around)
    return any(
        one.id in asked(small, dict(zip(tried, values, strict=True))) for values in product(*tried.values())
    )


def _depends_on(one: Placed, known: Mapping[str, Placed]) -> set[str]:
    """The questions that decide whether it is asked: those of its conditions, of theirs, and of what they stand in."""
    found: set[str] = set()
    open_ = [one.id, *one.parents]
    while open_:
        for condition in known[open_.pop()].item.get("when") or ():
            if (about := condition["question"]) not in found:
                found.add(about)
                open_ += [about, *known[about].parents]
    return found


def _only(items: Items, wanted: set[str]) -> list[dict[str, Any]]:
    return [
        {**item, "items": _only(item.get("items") or (), wanted)}
        for item in items
        if item.get("id") in wanted
    ]


def _telling(item: Mapping[str, Any], everything: Any) -> list[list[Any]]:
    """Answers of which one, or none, makes any condition about the item true or false: each value that is compared with,
    and what lies beside it."""
    compared = [
        condition["value"]
        for other in everything
        for condition in other.item.get("when") or ()
        if condition["question"] == item["id"] and condition["is"] != EXISTS
    ]
    kind = item["kind"]
    if kind == "yes_no":
        return [[], [True], [False]]
    if kind == "choice":
        return [[], *([{"code": choice["code"]}] for choice in item["choices"])]
    if kind == "choices":
        codes = [choice["code"] for choice in item["choices"] if choice["code"] in compared]
        other = next((c["code"] for c in item["choices"] if c["code"] not in compared), None)
        sets = product(*([None, code] for code in [*codes, *([other] if other else [])]))
        return [[{"code": code} for code in chosen if code] for chosen in sets]
    if kind == "photo":
        return [[], [{"photo": "one"}]]
    if kind in ("integer", "number"):
        edges = sorted(set(compared))
        between = [(a + b) / 2 for a, b in pairwise(edges)] if kind == "number" else []
        beside = {near for value in edges for near in (value - 1, value, value + 1)} | {*between}
        return [[], *([value] for value in sorted(beside or {0}))]
    if kind == "date":
        days = {near for value in compared if is_day(value) for near in ("0001-01-01", value, "9999-12-31")}
        between = sorted(days)
        return [[], *([day] for day in between or ["2026-01-01"]), *([f"{day}~"] for day in between)]
    return [[], *([value] for value in [*compared, "something else"])]
