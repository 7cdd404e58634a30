"""CLI.UNASSIGNED: all is answered, and no clinician has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select

from ....db import now
from ....lib.business_time import Limit
from ....models import Holder, Stuck, Team, Visit, VisitStatus
from ... import visits
from ...prescriptions import Evidence, Offer
from .._recipe import Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._care import assign, escalate, first, note, order_first, order_of_visit


def find(scope: Scope) -> Select[Any]:
    rows = scope.rows(
        Visit, since=Visit.status_since, order=order_of_visit(), visit=Visit.id, state=Visit.patient_state,
        stands=Visit.status_since,
    )  # fmt: skip
    return order_first(rows.where(Visit.status == VisitStatus.SUBMITTED, Visit.provider_id.is_(None)))


def says(details: Details, now: datetime) -> str:
    return f"It has been ready for a clinician for {ago(details, 'stands', now)}, and nobody has taken it."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    could = visits.licensed_providers(stuck.details["state"], now())
    return [
        Evidence("Visit", "waits in the queue", f"/visits/{stuck.details['visit']}"),
        Evidence(f"Licensed in {stuck.details['state'] or 'the state'}", f"{len(could) or 'no'} clinicians"),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    visit = stuck.details["visit"]
    return first(assign(visit, stuck.details["state"]), escalate(visit), note(stuck))


RULE = Rule(
    code="CLI.UNASSIGNED",
    title="No clinician has taken it",
    rank=Rank.WAITING,
    stage=Stage.REVIEW,
    team=Team.OPS,
    ball=Holder.CLINIC,
    limit=Limit(timedelta(hours=2), timedelta(hours=8), business=True),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Give it to a clinician",
    offers=offers,
    recipe=(
        Look("Who is licensed there, and how much they have to decide on.", "/visits"),
        Do("Whoever is licensed there and has the fewest gets it."),
        Check("A clinician has it."),
    ),
    heals=timedelta(hours=2),
    cases=frozenset(("visit_overdue",)),
)
