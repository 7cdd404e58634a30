"""REF.APPROVAL: somebody has asked for a second person to agree to money going back, and nobody has decided.

There is no refund yet, so it is about the request itself. What moves an invoice, and amounts that no limit measures, are
finance's to decide; the rest is an ops lead's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, or_

from ....lib.business_time import Limit
from ....models import Approval, ApprovalStatus, Holder, Invoice, Order, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago, ahead, at
from .._scope import Scope

_GIVES_BACK = ("refunds.issue", "plans.make", "billing.give_back", "billing.credit")


def find(scope: Scope) -> Select[Any]:
    theirs = or_(Approval.act == "billing.credit", Approval.needs.contains([{"measure": None}]))
    customer = case((Order.id.is_not(None), Order.customer_id), else_=Invoice.customer_id)
    return (
        scope.rows(
            Approval, since=Approval.created_at, order=Order.id, customer=customer, team=case((theirs, Team.FINANCE.value)),
            asked=Approval.created_at, until=Approval.expires_at, code=Approval.act,
        )
        .select_from(Approval)
        .outerjoin(Order, Order.id == Approval.about_id)
        .outerjoin(Invoice, Invoice.id == Approval.about_id)
        .where(Approval.status == ApprovalStatus.WAITING, Approval.act.in_(_GIVES_BACK))
    )  # fmt: skip


def says(details: Details, now: datetime) -> str:
    left = "its time is up"
    if at(details, "until") > now:
        left = f"it runs out in {ahead(details, 'until', now)}"
    return f"Money is to go back and waits for a second person since {ago(details, 'asked', now)}; {left}."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    approval = Approval.require(stuck.subject_id)
    return [
        Evidence("Asked for", approval.says, approval.url),
        Evidence("Asked by", approval.asked_by),
        *(Evidence("Why it needs two", need["why"]) for need in approval.needs[:1]),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    approval = Approval.require(stuck.subject_id)
    return [
        Offer(
            "approvals.approve", approval.id, "Agree",
            "It is done at once, as it was asked for.", {"hash": approval.hash},
        ),
        Offer("approvals.reject", approval.id, "Say no", "Nothing is done. Say why, for the one who asked."),
    ]  # fmt: skip


RULE = Rule(
    code="REF.APPROVAL",
    title="A refund waits for a second person",
    rank=Rank.WAITING,
    stage=Stage.REFUND,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(hours=4), timedelta(hours=24), business=True),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Agree, or say no",
    offers=offers,
    recipe=(
        Look("What it would do, and what the one who asked did before.", "/approvals/{subject}"),
        Ask(
            "right",
            "Is it right, and is it the right amount?",
            {"yes": "Yes", "no": "No"},
            leads={"yes": "approvals.approve", "no": "approvals.reject"},
        ),
        Do("Whoever asked cannot agree to it. If you are away, let a colleague decide for you."),
        Check("It was agreed to, or not."),
    ),
)
