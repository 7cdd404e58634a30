"""Which questions of a form are asked, given what was answered so far: pure, the same for pages, checks and flags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...lib.conditions import combined, meets

Items = Sequence[Mapping[str, Any]]  # as models/questionnaire.py has them
Answers = Mapping[str, Sequence[Any]]  # {item's id: [values]}
UNANSWERED = ("group", "display")  # kinds that take no answer


@dataclass(frozen=True)
class Placed:
    """An item with where it stands: `number` as people count ("3.1"), and the ids of what is around it, outermost first."""

    item: Mapping[str, Any]
    number: str
    parents: tuple[str, ...]

    @property
    def id(self) -> str:
        return str(self.item.get("id", ""))

    @property
    def answerable(self) -> bool:
        return self.item.get("kind") not in UNANSWERED


def placed(items: Items, within: str = "", parents: tuple[str, ...] = ()) -> Iterator[Placed]:
    """Every item in the order of the page, those inside of others after them."""
    for count, item in enumerate(items, 1):
        one = Placed(item, f"{within}{count}", parents)
        yield one
        yield from placed(item.get("items") or (), f"{one.number}.", (*parents, one.id))


def asked(items: Items, answers: Answers) -> list[str]:
    """The ids of the items that are asked, or shown, in the order of the page.

    An item is asked when its conditions hold and what it stands in is asked. An answer to what is not asked counts for
    nothing, so nothing depends on a question that is hidden itself. Conditions look back only, as a version is checked for.
    """
    found: dict[str, None] = {}
    for one in placed(items):
        counted = {id: values for id, values in answers.items() if id in found}
        if all(parent in found for parent in one.parents) and holds(one.item, counted):
            found[one.id] = None
    return list(found)


def holds(item: Mapping[str, Any], answers: Answers) -> bool:
    """Whether the item's own conditions hold; one without any is always asked."""
    if not (conditions := item.get("when")):
        return True
    met = [meets(answers.get(one["question"], ()), one["is"], one["value"]) for one in conditions]
    return combined(met, all_of=bool(item.get("when_all")))


def counted(items: Items, answers: Answers) -> dict[str, list[Any]]:
    """The answers that count: to what is asked."""
    wanted = set(asked(items, answers))
    return {id: list(values) for id, values in answers.items() if id in wanted and values}


def missing(items: Items, answers: Answers) -> list[str]:
    """The ids of what is asked, required and not answered; none when the form is complete."""
    wanted = set(asked(items, answers))
    return [
        one.id
        for one in placed(items)
        if one.id in wanted and one.answerable and one.item.get("required") and not answers.get(one.id)
    ]
