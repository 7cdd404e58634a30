"""What a patient answered, beside what they answered the time before: each question as it was asked, changed ones marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...models import Attachment, Questionnaire, Visit, VisitAnswers
from .. import questionnaires


@dataclass(frozen=True)
class Answer:
    """One question with its answer, in the words of the version that was asked. `now` or `before` is None where it was not
    answered then."""

    id: str
    question: str
    now: str | None
    before: str | None
    changed: bool


def answers_of(visit: Visit) -> tuple[list[Answer], VisitAnswers | None, VisitAnswers | None]:
    """What was answered, question by question in the order of the form, the answers that it is read from, and those of the
    time before. Opened: who shows them writes that down."""
    now, earlier = VisitAnswers.of_visit(visit.id), _earlier(visit)
    told, was = _read(now), _read(earlier)
    found = []
    for id in [*told, *(id for id in was if id not in told)]:
        question = (told.get(id) or was[id])[0]
        texts = [one[id][1] if id in one else None for one in (told, was)]
        changed = earlier is not None and texts[0] != texts[1]
        found.append(Answer(id, question, texts[0], texts[1], changed))
    return found, now, earlier


def _earlier(visit: Visit) -> VisitAnswers | None:
    return VisitAnswers.of_visit(visit.previous_id) if visit.previous_id else None


def _read(answers: VisitAnswers | None) -> dict[str, tuple[str, str]]:
    """id -> (the question, the answer), both in words; photos are shown as such."""
    if answers is None:
        return {}
    form = Questionnaire.get(answers.questionnaire_id) if answers.questionnaire_id else None
    items = {one.id: one.item for one in questionnaires.placed(form.items)} if form else {}
    order = {id: place for place, id in enumerate(items)}
    told = {}
    for id, values in sorted(answers.answers.items(), key=lambda one: order.get(one[0], len(order))):
        if not any(_is_photo(value) for value in values):
            item = items.get(id)
            told[id] = (item["text"] if item else id, questionnaires.read(item, values))
    return told


def photos_of(answers: VisitAnswers | None) -> Sequence[Attachment]:
    """The photos that came with answers, in the order of the form."""
    if answers is None:
        return []
    told = [value for values in answers.answers.values() for value in values]
    ids = [str(value["attachment"]) for value in told if _is_photo(value) and "attachment" in value]
    known = Attachment.each(ids)
    return [known[id] for id in ids if id in known and known[id].removed_at is None]


def _is_photo(value: Any) -> bool:
    return isinstance(value, Mapping) and bool({"photo", "attachment"} & value.keys())
