"""What a patient answers otherwise than the time before, in the words of the version that each was given to."""

from __future__ import annotations

from typing import NamedTuple

from ...models import Questionnaire, Visit, VisitAnswers
from .. import questionnaires
from ..questionnaires import Placed


class Differs(NamedTuple):
    """`item` is the question as it reads now, or read then when it is not asked any more. None: it was not asked, or not
    answered."""

    item: str
    before: str | None
    now: str | None


def difference(visit: Visit) -> list[Differs]:
    """What differs from the previous visit's answers, in the order of the page; none when there was no visit before. It
    tells of somebody's health: who shows it writes that view down."""
    previous = Visit.get(visit.previous_id) if visit.previous_id else None
    if previous is None:
        return []
    (now_items, now), (then_items, then) = _answered(visit), _answered(previous)
    order = [*now_items, *(id for id in then_items if id not in now_items)]
    found = [
        Differs(
            str((now_items.get(id) or then_items[id]).item["text"]),
            _read(then_items.get(id), then.get(id)),
            _read(now_items.get(id), now.get(id)),
        )
        for id in order
        if id in now or id in then
    ]
    return [one for one in found if one.before != one.now]


def _answered(visit: Visit) -> tuple[dict[str, Placed], dict[str, list[object]]]:
    """The questions of the version that was answered, and the answers that count; photos are looked at, not compared."""
    answers = VisitAnswers.of_visit(visit.id)
    form = Questionnaire.get(answers.questionnaire_id or "") if answers else None
    if answers is None or form is None:
        return {}, {}
    items = {one.id: one for one in questionnaires.placed(form.items) if one.item["kind"] != "photo"}
    counted = questionnaires.counted(form.items, answers.answers)
    return items, {id: values for id, values in counted.items() if id in items}


def _read(one: Placed | None, values: list[object] | None) -> str | None:
    return questionnaires.read(one.item, values) if one and values else None
