"""CLI.OVERDUE: a clinician has it, and does not decide in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func

from ....lib.business_time import Limit
from ....models import Holder, Provider, Stuck, Team, Visit, VisitStatus
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._care import assign, escalate, first, note, order_first, order_of_visit

_EARLIER = 0.2  # of the time that it has: warned when four fifths of it have passed


def find(scope: Scope) -> Select[Any]:
    """By the visit's own clock, which stands still while it waits for the patient."""
    ready = func.coalesce(Visit.submitted_at, Visit.created_at)
    has = Visit.due_at - ready - func.make_interval(0, 0, 0, 0, 0, 0, Visit.waited_seconds)
    rows = scope.rows(
        Visit, since=ready, order=order_of_visit(), fires=Visit.due_at - has * _EARLIER, breaches=Visit.due_at,
        visit=Visit.id, state=Visit.patient_state, ready=ready, provider=Visit.provider_id,
    )  # fmt: skip
    return order_first(rows.where(Visit.status.in_((VisitStatus.ASSIGNED, VisitStatus.IN_REVIEW))))


def says(details: Details, now: datetime) -> str:
    return f"A clinician has it, and {ago(details, 'ready', now)} after the answers nobody has decided."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    provider = Provider.get(stuck.details["provider"] or "")
    found = [Evidence("Visit", "not decided", f"/visits/{stuck.details['visit']}")]
    return [*found, Evidence("With", provider.name, provider.url)] if provider else found


def offers(stuck: Stuck) -> Sequence[Offer]:
    visit, details = stuck.details["visit"], stuck.details
    return first(assign(visit, details["state"], besides=details["provider"]), escalate(visit), note(stuck))


RULE = Rule(
    code="CLI.OVERDUE",
    title="A clinician takes too long",
    rank=Rank.WAITING,
    stage=Stage.REVIEW,
    team=Team.OPS,
    ball=Holder.CLINIC,
    limit=Limit(timedelta(hours=19), timedelta(hours=24), business=True),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Give it to another clinician",
    offers=offers,
    recipe=(
        Look("Who has it, and how many others they have to decide on.", "/visits"),
        Ask("asked", "Will they decide today?", {"yes": "Yes", "no": "No"}, leads={"no": "visits.assign"}),
        Do("Somebody else who is licensed there gets it. What they have seen stays."),
        Check("It is decided on."),
    ),
    cases=frozenset(("visit_overdue", "opinions_differ")),
)
