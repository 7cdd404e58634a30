"""The healthcare system tells what a patient answered: kept sealed, tied to exactly the version that was asked."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ...db import db
from ...models import AnswersStatus, Customer, Order, Visit, VisitAnswers
from ...vendors.healthcare import AnswersFacts
from .. import questionnaires
from .._act import act, concerns, performing, say
from .._actor import Actor
from ._advance import advance
from ._newer import note, older
from ._photos import with_photos
from ._settle import patient

_STATUSES = {status.value for status in AnswersStatus}


@act(robots=("healthcare", "worker"))
def settle_answers(ref: str, *, facts: AnswersFacts, fetched_at: datetime, by: Actor) -> VisitAnswers | None:
    """Take in answers as they were freshly read. An older fetch never overwrites a newer one. They may come before the visit
    that they belong to. Photos are fetched by promises."""
    visit = Visit.by_external(facts.visit) if facts.visit else None
    customer = Customer.lock(visit.customer_id if visit else patient(facts.patient).id)
    order = Order.lock(visit.order_id) if visit and visit.order_id else None
    visit = Visit.lock(visit.id) if visit else None
    kept = db.session.scalar(
        select(VisitAnswers).where(VisitAnswers.external_id == facts.id).with_for_update()
    )
    concerns(customer.id, visit.id if visit else None)
    if kept and older(kept, facts, fetched_at):
        say("The healthcare system: answers known as of later")
        return kept
    kept = kept or _new(facts, customer, fetched_at)
    _take_in(kept, facts, visit, fetched_at)
    if visit:
        advance(visit, order, customer)
    say(f"The healthcare system: the answers are {facts.status.replace('_', ' ')}")
    return kept


def _new(facts: AnswersFacts, customer: Customer, fetched_at: datetime) -> VisitAnswers:
    made = VisitAnswers(
        customer_id=customer.id,
        external_id=facts.id,
        status=AnswersStatus.UNKNOWN.value,
        fetched_at=fetched_at,
        created_at=performing().now,
    )
    made.told = "{}"
    return made.add()


def _take_in(kept: VisitAnswers, facts: AnswersFacts, visit: Visit | None, fetched_at: datetime) -> None:
    form = questionnaires.of_canonical(facts.questionnaire, facts.number)
    status = facts.status if facts.status in _STATUSES else AnswersStatus.UNKNOWN.value
    kept.status, kept.raw_status = status, facts.raw_status
    kept.visit_external_id, kept.visit_id = facts.visit, visit.id if visit else kept.visit_id
    kept.questionnaire_id = form.id if form else None
    kept.asked = f"{facts.questionnaire}|{facts.number}"[:300]
    kept.authored_at = facts.authored_at
    note(kept, facts, fetched_at)
    told: dict[str, list[Any]] = {id: list(values) for id, values in facts.answers.items()}
    kept.told = json.dumps(with_photos(kept, told))
    db.session.flush()
