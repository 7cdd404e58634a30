"""What the patient's state asks of care at a distance, on the day of the answers. A state without a rule is not served."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from ...db import db, now
from ...lib.refusal import Refused
from ...lib.zones import today_in
from ...models import (
    VISIT_DECIDED,
    Customer,
    FlagEffect,
    FlagKind,
    FlagSeverity,
    Modality,
    Questionnaire,
    StateRule,
    Visit,
    VisitAnswers,
    VisitKind,
)
from .. import cases, flag_rules, questionnaires, review_flags

NOT_SERVED = "state_not_served"  # the reason of the case too
ID_PHOTO = "id_photo"  # the question of every form in which a patient shows who they are


@dataclass(frozen=True)
class Barrier:
    """Why a visit cannot be approved by its answers and photos alone: a code, and a sentence that tells nothing of the
    patient's health. What does not `forbid` it is flagged, and a clinician deals with the flag."""

    code: str
    says: str
    forbids: bool = True


class NotServed(Refused):
    """The state's rule does not let anybody approve it from afar."""


def barriers(visit: Visit) -> list[Barrier]:
    """Everything in the state's rule that stands in the way of approving, on the day of the answers (today, before there are
    any); none where nothing does. No rule is a no."""
    at = visit.submitted_at or now()
    state = visit.patient_state
    rule = StateRule.of(state, today_in(state, at)) if state else None
    if rule is None:
        where = f"{state} is not served" if state else "Nobody knows in which state the patient is"
        return [Barrier(NOT_SERVED, f"{where}: no rule says how care may be given there.")]
    if visit.kind == VisitKind.RX_REQUEST:
        return []  # the patient was seen when it was prescribed
    return [*_seen(visit, rule), *_age(visit, rule, at), *_identity(visit, rule)]


def may_be_approved(visit: Visit) -> None:
    """Raises NotServed with everything in the state's rule that forbids it."""
    found = [one for one in barriers(visit) if one.forbids]
    if found:
        raise NotServed(
            " ".join(one.says for one in found),
            blockers=[{"code": one.code, "says": one.says, "fix": None} for one in found],
        )


def _seen(visit: Visit, rule: StateRule) -> Sequence[Barrier]:
    if rule.modality == Modality.SYNC_EACH:
        return [Barrier("video_each_time", f"{rule.state} asks for a visit by video each time.")]
    if rule.modality == Modality.SYNC_FIRST and not _seen_before(visit):
        return [
            Barrier("video_first", f"{rule.state} asks for a first visit by video, and there was none yet.")
        ]
    return []


def _seen_before(visit: Visit) -> bool:
    query = select(Visit.id).where(
        Visit.customer_id == visit.customer_id, Visit.id != visit.id, Visit.status.in_(VISIT_DECIDED)
    )
    return db.session.scalar(query.limit(1)) is not None


def _age(visit: Visit, rule: StateRule, at: datetime) -> Sequence[Barrier]:
    born = Customer.require(visit.customer_id).birth_date
    if born is None:
        words = f"{rule.state} serves from the age of {rule.min_age}, and nobody told how old the patient is."
        return [Barrier("age_unknown", words, forbids=False)]
    years = flag_rules.years_between(date.fromisoformat(born), today_in(rule.state, at))
    if years < rule.min_age:
        return [Barrier("too_young", f"{rule.state} serves from the age of {rule.min_age}.")]
    return []


def _identity(visit: Visit, rule: StateRule) -> Sequence[Barrier]:
    if not rule.id_check:
        return []
    answers = VisitAnswers.of_visit(visit.id)
    form = Questionnaire.get(answers.questionnaire_id or "") if answers else None
    shown = questionnaires.counted(form.items, answers.answers) if answers and form else {}
    if shown.get(ID_PHOTO):
        return []
    words = f"{rule.state} asks who the patient is, and no photo of a document was sent."
    return [Barrier("identity_unchecked", words, forbids=False)]


# ------------------------------------------------------------------ at submission

_FLAGS = {
    "too_young": (FlagKind.AGE, FlagSeverity.HIGH, FlagEffect.BLOCK),
    "age_unknown": (FlagKind.AGE, FlagSeverity.MODERATE, FlagEffect.REVIEW),
    "identity_unchecked": (FlagKind.IDENTITY_MISMATCH, FlagSeverity.MODERATE, FlagEffect.BLOCK),
}


def told_of_state(visit: Visit, customer: Customer) -> None:
    """In an act: what the state's rule says to a visit that goes before a clinician, as a case or as flags."""
    found = {one.code: one for one in barriers(visit)}
    if barrier := found.get(NOT_SERVED):
        cases.open_case(
            NOT_SERVED,
            visit.id,
            says=f"{barrier.says} The visit cannot be approved. Deny it, or have a rule for the state signed off.",
            suggests={"act": "state_rules.record", "url": "/state-rules", "label": "See the state rules"},
            about=visit.related(),
        )
    else:
        cases.close_when_solved(NOT_SERVED, visit.id, "the state is served")
    for code, (kind, severity, effect) in _FLAGS.items():
        if code in found:
            review_flags.raise_for(visit, kind=kind, severity=severity, effect=effect, source=f"state:{code}")
