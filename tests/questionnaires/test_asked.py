"""Which questions are asked, against a second evaluator that was written apart from the first."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from opsconsole.lib.conditions import meets
from opsconsole.services import questionnaires
from opsconsole.services.questionnaires import problems

KINDS = ("yes_no", "choice", "choices", "integer", "date", "text")
VALUES: dict[str, list[Any]] = {
    "yes_no": [True, False], "choice": ["x", "y"], "choices": ["x", "y"], "integer": [0, 1, 2],
    "date": ["2026-01-01", "2026-06-30"], "text": ["a", "b"],
}  # fmt: skip


@st.composite
def forms(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Sound forms: groups within groups, conditions that look back."""
    earlier: list[tuple[str, str]] = []
    count = iter(range(100))

    def condition() -> dict[str, Any]:
        id, kind = draw(st.sampled_from(earlier))
        ordered = ["=", "!="] + ([">", "<", ">=", "<="] if kind in ("integer", "date") else [])
        asks = draw(st.sampled_from([*ordered, "exists"]))
        value = draw(st.booleans()) if asks == "exists" else draw(st.sampled_from(VALUES[kind]))
        return {"question": id, "is": asks, "value": value}

    def items(depth: int) -> list[dict[str, Any]]:
        found = []
        for _ in range(draw(st.integers(1, 4))):
            group = depth < 3 and draw(st.integers(0, 3)) == 0
            kind = "group" if group else draw(st.sampled_from(KINDS))
            item: dict[str, Any] = {"id": f"q{next(count)}", "text": "?", "kind": kind}
            if earlier and draw(st.booleans()):
                item["when"] = [condition() for _ in range(draw(st.integers(1, 3)))]
                item["when_all"] = draw(st.booleans())
            if kind in ("choice", "choices"):
                item["choices"] = [{"code": one, "text": one} for one in ("x", "y")]
            if group:
                item["items"] = items(depth + 1)
            else:
                item["required"] = draw(st.booleans())
                earlier.append((item["id"], kind))
            found.append(item)
        return found

    return items(0)


@st.composite
def answered(draw: st.DrawFn) -> tuple[list[dict[str, Any]], dict[str, list[Any]]]:
    form = draw(forms())
    answers: dict[str, list[Any]] = {}
    for one in questionnaires.placed(form):
        kind = one.item["kind"]
        if kind == "group" or draw(st.booleans()):
            continue
        several = draw(
            st.lists(
                st.sampled_from(VALUES[kind]), min_size=1, max_size=2 if kind == "choices" else 1, unique=True
            )
        )
        answers[one.id] = [{"code": v} if kind in ("choice", "choices") else v for v in several]
    return form, answers


def naive(form: list[dict[str, Any]], answers: dict[str, list[Any]]) -> set[str]:
    """By definition, from the question upwards: asked when all around it and itself are enabled, where a condition looks
    at an answer only if its question is asked."""
    parents: dict[str, dict[str, Any] | None] = {}
    items: dict[str, dict[str, Any]] = {}

    def walk(level: list[dict[str, Any]], parent: dict[str, Any] | None) -> None:
        for item in level:
            items[item["id"]], parents[item["id"]] = item, parent
            walk(item.get("items", []), item)

    walk(form, None)

    def is_asked(id: str) -> bool:
        parent = parents[id]
        return (parent is None or is_asked(parent["id"])) and enabled(items[id])

    def enabled(item: dict[str, Any]) -> bool:
        results = [one(condition) for condition in item.get("when", [])]
        return not results or (all(results) if item.get("when_all") else any(results))

    def one(condition: dict[str, Any]) -> bool:
        id, asks, wanted = condition["question"], condition["is"], condition["value"]
        values = (
            [v["code"] if isinstance(v, dict) else v for v in answers.get(id, [])] if is_asked(id) else []
        )
        match asks:
            case "exists":
                return (len(values) > 0) == wanted
            case "=":
                return wanted in values
            case "!=":
                return wanted not in values
            case ">":
                return any(v > wanted for v in values)
            case "<":
                return any(v < wanted for v in values)
            case ">=":
                return any(v >= wanted for v in values)
        return any(v <= wanted for v in values)

    return {id for id in items if is_asked(id)}


@settings(max_examples=40, deadline=None)
@given(answered())
def test_what_is_asked_is_what_a_second_evaluator_says(told: Any) -> None:
    form, answers = told
    asked = questionnaires.asked(form, answers)
    assert set(asked) == naive(form, answers) and len(asked) == len(set(asked))
    assert questionnaires.invalid(form, answers) == {}
    counted = questionnaires.counted(form, answers)
    assert questionnaires.asked(form, counted) == asked, "what counts decides the same"
    required = {one.id for one in questionnaires.placed(form) if one.item.get("required")}
    lacks = {id for id in asked if id in required and not answers.get(id)}
    assert set(questionnaires.missing(form, answers)) == lacks
    never = {words.split()[1].rstrip(":") for words in problems(form) if "never asked" in words}
    assert not never & set(asked), "what was asked can be asked"


def test_how_values_are_compared() -> None:
    table: list[tuple[list[Any], str, Any, bool]] = [
        ([], "exists", False, True), ([False], "exists", True, True), ([], "=", True, False), ([], "!=", True, True),
        ([True], "=", 1, False), ([1], "=", True, False), ([3], ">=", 3, True), ([2.5], ">", 2, True),
        (["2026-01-31"], "<", "2026-02-01", True), ([True], ">", 0, False),
        ([{"code": "x", "display": "X"}], "=", "x", True),
        ([{"code": "x"}, {"code": "y"}], "!=", "x", False), ([{"code": "x"}, {"code": "y"}], "=", "y", True),
    ]  # fmt: skip
    for values, asks, wanted, met in table:
        assert meets(values, asks, wanted) is met, (values, asks, wanted)


def test_answers_that_are_none_to_this_version() -> None:
    form = questionnaires.FIRST
    table: list[tuple[str, list[Any], str]] = [
        ("nobody_asked", [True], "This version asks no such question."),
        ("photos", [True], "Nothing is answered here."),
        ("pregnant", ["yes"], "The answer is of another kind than the question."),
        ("pregnant", [True, False], "One answer is asked for."),
        ("concern", [{"code": "warts"}], "The answer is of another kind than the question."),
        ("hydroquinone_months", [True], "The answer is of another kind than the question."),
    ]
    for id, values, words in table:
        assert questionnaires.invalid(form, {id: values}) == {id: words}
