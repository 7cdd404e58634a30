"""INT.CONSENT: the patient says that they are done, and a photo, a document or a consent is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, literal, or_

from ....lib.business_time import Limit
from ....models import (
    FLAG_OPEN,
    VISIT_TO_DECIDE,
    AnswersStatus,
    FlagKind,
    Holder,
    ReviewFlag,
    Stuck,
    Team,
    Visit,
    VisitAnswers,
    VisitStatus,
)
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._care import close, first, order_first, order_of_visit, together

_BEFORE = (VisitStatus.INVITED, VisitStatus.IN_PROGRESS)
_COMPLETE = (AnswersStatus.COMPLETED, AnswersStatus.AMENDED)
_NO_DOCUMENT = "state:identity_unchecked"  # the source of the flag that the state's rule raises


def find(scope: Scope) -> Select[Any]:
    """Answers that are called complete and did not bring their visit before a clinician; and visits that one cannot decide
    on because a photo is missing."""
    told = func.coalesce(VisitAnswers.authored_at, VisitAnswers.fetched_at)
    answers = (
        scope.rows(
            Visit, since=told, order=order_of_visit(), visit=Visit.id, told=told, lacks=literal("answers")
        )
        .join(VisitAnswers, VisitAnswers.visit_id == Visit.id)
        .where(Visit.status.in_(_BEFORE), VisitAnswers.status.in_(_COMPLETE))
    )
    raised = ReviewFlag.created_at
    photos = (
        scope.rows(Visit, since=raised, order=order_of_visit(), visit=Visit.id, told=raised, lacks=literal("photo"))
        .join(ReviewFlag, (ReviewFlag.visit_id == Visit.id) & (ReviewFlag.customer_id == Visit.customer_id))
        .where(
            Visit.status.in_(VISIT_TO_DECIDE), ReviewFlag.status.in_(FLAG_OPEN),
            or_(ReviewFlag.source == _NO_DOCUMENT, ReviewFlag.kind == FlagKind.PHOTO_QUALITY),
        )
    )  # fmt: skip
    return order_first(together(answers, photos))


def says(details: Details, now: datetime) -> str:
    since = ago(details, "told", now)
    if details["lacks"] == "photo":
        return f"All is answered, and for {since} a photo has been missing or cannot be used."
    return f"The patient was done {since} ago, and something that has to be there is missing."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    lacks = "A photo" if stuck.details["lacks"] == "photo" else "A required answer"
    return [Evidence("Missing", lacks, f"/visits/{stuck.details['visit']}")]


def offers(stuck: Stuck) -> Sequence[Offer]:
    visit = stuck.details["visit"]
    wrote = Offer(
        "visits.note",
        visit,
        "Ask them, and write it down",
        "By telephone: reminders go out by themselves.",
        within=False,
    )
    ask = Offer(
        "visits.ask", visit, "Have the clinician ask", "The patient gets a link to add it.", within=False
    )
    return first([wrote], [ask] if stuck.details["lacks"] == "photo" else [], close(stuck))


RULE = Rule(
    code="INT.CONSENT",
    title="A photo or a consent is missing",
    rank=Rank.PATIENT,
    stage=Stage.INTAKE,
    team=Team.SUPPORT,
    ball=Holder.PATIENT,
    limit=Limit(timedelta(hours=12), timedelta(days=3)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Ask them, and write it down",
    offers=offers,
    recipe=(
        Look("What is missing: the visit says so.", "/customers/{customer}"),
        Ask("reached", "Have you reached them?", {"yes": "Yes", "no": "No"}, leads={"yes": "visits.note"}),
        Do("They add it themselves by the link that they have. Nobody answers in their place."),
        Check("The visit is before a clinician."),
    ),
    heals=timedelta(hours=12),
    cases=frozenset(("answers_incomplete", "form_unknown")),
)
