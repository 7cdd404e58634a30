"""What answers do to their visit: once all that is asked is answered it goes before a clinician, with what is to be seen."""

from __future__ import annotations

from datetime import datetime, timedelta

from ...models import (
    AnswersStatus,
    Customer,
    Order,
    OrderStatus,
    Questionnaire,
    Visit,
    VisitAnswers,
    VisitPolicy,
    VisitStatus,
)
from .. import cases, questionnaires
from .._act import performing
from ._clock import answered
from ._raise_flags import raise_flags
from ._served import told_of_state

_S = VisitStatus
INCOMPLETE, FORM_UNKNOWN = "answers_incomplete", "form_unknown"  # reasons of cases
_NOT_BEGUN = (_S.INVITED, _S.ABANDONED)
_BEFORE = (_S.INVITED, _S.IN_PROGRESS, _S.ABANDONED)


def advance(visit: Visit, order: Order | None, customer: Customer) -> None:
    """In an act, with the customer, the order and the visit locked: take the visit as far as its latest answers allow. The
    same answers again change nothing."""
    answers = VisitAnswers.of_visit(visit.id)
    if answers is None:
        return
    if not answers.complete:
        if visit.status in _NOT_BEGUN and answers.status == AnswersStatus.IN_PROGRESS:
            visit.move_to(_S.IN_PROGRESS)
        return
    form = _form(visit, answers)
    if form is None or not _whole(visit, answers, form):
        if visit.status in _NOT_BEGUN:
            visit.move_to(_S.IN_PROGRESS)
        return
    if visit.status in _BEFORE:
        _submit(visit, answers, order, customer)
    elif visit.status == _S.NEEDS_INFO and _since(answers, visit.waiting_since):
        answered(visit, performing().now)
    elif not visit.to_decide:
        return  # decided on, or called off: what comes now is kept and changes nothing
    told_of_state(visit, customer)
    raise_flags(visit, customer)


def _form(visit: Visit, answers: VisitAnswers) -> Questionnaire | None:
    if answers.questionnaire_id:
        cases.close_when_solved(FORM_UNKNOWN, visit.id, "the answers are to a form of ours")
        visit.questionnaire_id = answers.questionnaire_id
        return Questionnaire.require(answers.questionnaire_id)
    cases.open_case(
        FORM_UNKNOWN,
        visit.id,
        says=f"The patient answered a form that is not ours ({answers.asked[:120]}): nobody can tell whether anything is "
        "missing. Ask the clinic why, and invite the patient to answer ours.",
        suggests={"act": "visits.invite", "url": visit.url, "label": "See the visit"},
        about=visit.related(),
    )
    return None


def _whole(visit: Visit, answers: VisitAnswers, form: Questionnaire) -> bool:
    told = answers.answers
    missing, wrong = questionnaires.missing(form.items, told), questionnaires.invalid(form.items, told)
    if not missing and not wrong:
        cases.close_when_solved(INCOMPLETE, visit.id, "everything is answered")
        return True
    words = [
        *([f"{len(missing)} required {'answer is' if len(missing) == 1 else 'answers are'} missing"] if missing else []),
        *([f"{len(wrong)} {'does' if len(wrong) == 1 else 'do'} not fit the question"] if wrong else []),
    ]  # fmt: skip
    cases.open_case(
        INCOMPLETE,
        visit.id,
        says=f"The healthcare system calls the answers complete, and {' and '.join(words)}. The visit goes before a "
        "clinician once the patient has answered them.",
        suggests={"act": "visits.invite", "url": visit.url, "label": "See the visit"},
        about=visit.related(),
    )
    return False


def _submit(visit: Visit, answers: VisitAnswers, order: Order | None, customer: Customer) -> None:
    at = answers.authored_at or performing().now
    visit.submitted_at = min(at, performing().now)
    visit.due_at = visit.submitted_at + timedelta(hours=VisitPolicy.current().due_hours)
    visit.patient_state = customer.ships_to.state if customer.ships_to else None
    visit.move_to(_S.SUBMITTED)
    if order and order.status == OrderStatus.AWAITING_VISIT:
        order.move_to(OrderStatus.IN_REVIEW)


def _since(answers: VisitAnswers, asked_at: datetime | None) -> bool:
    """Was it answered after the clinician asked?"""
    at = answers.source_updated_at or answers.fetched_at
    return asked_at is None or at > asked_at
