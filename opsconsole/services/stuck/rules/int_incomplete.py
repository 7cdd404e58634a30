"""INT.INCOMPLETE: the patient was asked to answer, and does nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, literal, null, select

from ....lib.business_time import Limit
from ....models import (
    VISIT_TO_DECIDE,
    VISIT_WITH_PATIENT,
    Customer,
    Holder,
    Order,
    OrderStatus,
    Stuck,
    Team,
    Visit,
    VisitAnswers,
    VisitKind,
    VisitStatus,
)
from ... import visits
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._care import close, first, note, open_order, order_first, together

_ASKED = (VisitStatus.INVITED, VisitStatus.IN_PROGRESS)
_STANDING = (*VISIT_WITH_PATIENT, *VISIT_TO_DECIDE)


def find(scope: Scope) -> Select[Any]:
    """Visits that wait for answers, counted from the last one; and orders that wait for a visit that nobody asks for. A
    renewal's check-in is RX.RENEWAL."""
    told = func.coalesce(VisitAnswers.source_updated_at, VisitAnswers.authored_at)
    answered = select(func.max(told)).where(VisitAnswers.visit_id == Visit.id).scalar_subquery()
    last = func.greatest(Visit.status_since, answered)  # null counts for nothing
    asked = scope.rows(
        Visit,
        since=last,
        order=open_order(Visit.order_id),
        visit=Visit.id,
        last=last,
        visit_status=Visit.status,
    ).where(Visit.status.in_(_ASKED), Visit.kind != VisitKind.RENEWAL)
    standing = exists().where(Visit.order_id == Order.id, Visit.status.in_(_STANDING))
    unasked = scope.rows(
        Order, since=Order.status_since, ball=literal("us"), visit=null(), last=Order.status_since,
        visit_status=literal("none"),
    ).where(Order.status == OrderStatus.AWAITING_VISIT, ~standing)  # fmt: skip
    return together(order_first(asked), unasked)


def says(details: Details, now: datetime) -> str:
    since = ago(details, "last", now)
    if details["visit_status"] == "none":
        return f"It has waited {since} for the patient’s answers, and nobody asks them."
    if details["visit_status"] == "invited":
        return f"The patient was asked {since} ago and has not begun to answer."
    return f"The patient has begun to answer, and has done nothing for {since}."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    visit = stuck.details["visit"]
    if visit is None:
        return [Evidence("Visit", "There is none that is open", f"/orders/{stuck.order_id}")]
    return [
        Evidence("Visit", stuck.details["visit_status"].replace("_", " "), f"/visits/{visit}"),
        Evidence("Reminders", "Go out by themselves until they have answered", f"/visits/{visit}"),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    visit = stuck.details["visit"]
    if visit is None:
        return first([_invite(stuck)], close(stuck), note(stuck))
    off = Offer(
        "visits.cancel", visit, "Call the visit off", "Reminders end. Its order stays as it is.", within=False
    )
    return first(close(stuck), [off], note(stuck, "Write down that you have asked them"))


def _invite(stuck: Stuck) -> Offer:
    customer = Customer.require(str(stuck.customer_id))
    form = visits.usual_form(customer)
    fields = {"kind": VisitKind.INITIAL.value, "order": str(stuck.order_id)} | (
        {"form": form.key} if form else {}
    )
    return Offer(
        "visits.invite",
        customer.id,
        "Ask the patient",
        "They get a link, and reminders by themselves.",
        fields,
    )


RULE = Rule(
    code="INT.INCOMPLETE",
    title="The patient has not answered everything",
    rank=Rank.PATIENT,
    stage=Stage.INTAKE,
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
        Do("What they will not answer is canceled, so that no money is held for it."),
        Check("The answers are there, or the order is over."),
    ),
    heals=timedelta(days=3),
    cases=frozenset(("answers_incomplete",)),
)
