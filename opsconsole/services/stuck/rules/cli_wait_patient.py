"""CLI.WAIT_PATIENT: the clinician asked the patient something, and gets no answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func

from ....lib.business_time import Limit
from ....models import Holder, Stuck, Team, Visit, VisitStatus
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._care import close, first, note, order_first, order_of_visit


def find(scope: Scope) -> Select[Any]:
    asked = func.coalesce(Visit.waiting_since, Visit.status_since)
    rows = scope.rows(Visit, since=asked, order=order_of_visit(), visit=Visit.id, asked=asked)
    return order_first(rows.where(Visit.status == VisitStatus.NEEDS_INFO))


def says(details: Details, now: datetime) -> str:
    return f"The clinician asked the patient something {ago(details, 'asked', now)} ago, and has no answer."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    visit = f"/visits/{stuck.details['visit']}"
    return [
        Evidence("Visit", "waits for the patient", visit),
        Evidence("Reminders", "Go out by themselves until they have answered", visit),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    visit = stuck.details["visit"]
    off = Offer(
        "visits.cancel", visit, "Call the visit off", "Reminders end. Its order stays as it is.", within=False
    )
    return first(close(stuck), [off], note(stuck, "Write down that you have asked them"))


RULE = Rule(
    code="CLI.WAIT_PATIENT",
    title="The patient has not answered the clinician",
    rank=Rank.PATIENT,
    stage=Stage.REVIEW,
    team=Team.SUPPORT,
    ball=Holder.PATIENT,
    limit=Limit(timedelta(hours=24), timedelta(days=7)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Cancel and refund",
    offers=offers,
    recipe=(
        Look("Which reminders went out, and whether one bounced.", "/customers/{customer}"),
        Ask(
            "wants",
            "Does the customer still want it?",
            {"yes": "Yes, they will answer", "no": "No", "silent": "They cannot be reached"},
            leads={"no": "plans.make", "silent": "plans.make"},
        ),
        Do("What they will not answer is canceled, and the money goes back."),
        Check("The clinician has the answer, or the order is over."),
    ),
    heals=timedelta(days=3),
)
