"""CLI.NOT_APPLIED: a clinician has signed, and what follows from that has not happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, func, literal
from sqlalchemy.orm import aliased

from ....lib.business_time import Limit
from ....models import (
    VISIT_DECIDED,
    VISIT_TO_DECIDE,
    VISIT_WITH_PATIENT,
    Holder,
    Order,
    OrderStatus,
    Stuck,
    Team,
    Visit,
    VisitKind,
    VisitStatus,
)
from ... import visits
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._care import ask_clinic, first, order_first, order_of_visit, retry, together

_SIGNED = (VisitStatus.APPROVED, VisitStatus.DENIED, VisitStatus.REFERRED)
_UNDO = timedelta(seconds=visits.UNDO)  # nothing goes out before it can no longer be taken back


def find(scope: Scope) -> Select[Any]:
    """Visits that the healthcare system has yet to close; and orders that stay in review though theirs is decided on, as one
    does that was held meanwhile."""
    signed = func.coalesce(Visit.decided_at, Visit.status_since)
    unclosed = scope.rows(
        Visit, since=signed + _UNDO, order=order_of_visit(), vendor=literal("healthcare"), visit=Visit.id, signed=signed,
        what=literal("not_closed"),
    ).where(Visit.status.in_(_SIGNED), Visit.external_id.is_not(None))  # fmt: skip
    open_ = aliased(Visit)
    since = func.greatest(Order.status_since, signed + _UNDO)
    left = (
        scope.rows(Order, since=since, visit=Visit.id, signed=signed, what=literal("in_review"))
        .join(Visit, and_(Visit.order_id == Order.id, Visit.status.in_(VISIT_DECIDED), Visit.kind != VisitKind.RX_REQUEST))
        .where(
            Order.status == OrderStatus.IN_REVIEW,
            ~exists().where(open_.order_id == Order.id, open_.status.in_((*VISIT_TO_DECIDE, *VISIT_WITH_PATIENT))),
        )
    )  # fmt: skip
    return together(order_first(unclosed), left)


def says(details: Details, now: datetime) -> str:
    since = ago(details, "signed", now)
    if details["what"] == "in_review":
        return f"A clinician signed {since} ago, and the order is still in review."
    return f"A clinician signed {since} ago, and the healthcare system has not closed the visit."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    visit = f"/visits/{stuck.details['visit']}"
    return [Evidence("Signed", stuck.details["signed"][:16].replace("T", " ") + " UTC", visit)]


def offers(stuck: Stuck) -> Sequence[Offer]:
    visit, order = stuck.details["visit"], stuck.order_id
    wrote = Offer(
        "visits.note", visit, "Write down what you found", "Whoever looks next reads it.", within=False
    )
    again = ask_clinic(order, "rx_missing") if order and stuck.details["what"] == "in_review" else []
    return first(retry(visit), again, [wrote])


RULE = Rule(
    code="CLI.NOT_APPLIED",
    title="What was decided has not happened",
    rank=Rank.WAITING,
    stage=Stage.REVIEW,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(minutes=5), timedelta(hours=1)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Have it carried out",
    offers=offers,
    recipe=(
        Look("What was promised by the decision, and its last attempt.", "/visits"),
        Ask(
            "tried",
            "Is there a case about the call?",
            {"yes": "Yes", "no": "No, it is tried by itself"},
            leads={"yes": "cases.retry", "no": "visits.note"},
        ),
        Do("The same goes out once more, under the same key. What was signed never changes."),
        Check("The visit is closed, and its order has moved on."),
    ),
    heals=timedelta(minutes=15),
    cases=frozenset(
        ("visit_closed_elsewhere", "vendor_rejected", "unknown_outcome", "vendor_unavailable_exhausted")
    ),
)
