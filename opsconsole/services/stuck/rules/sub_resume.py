"""SUB.RESUME: a pause is about to end, and something stands in the way of charging and sending again.

Three days ahead it is told from what stands in our tables: no prescription lasts until that day, or nobody knows where to
ship. On the day everything is looked at, the card as well, and what keeps it back is its case (`resume_blocked`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Date, Interval, Select, case, cast, func, or_, select

from ....db import db
from ....lib.business_time import Limit
from ....models import (
    Case,
    CaseStatus,
    Change,
    ChangeStatus,
    Customer,
    Effective,
    Holder,
    Prescription,
    PrescriptionStatus,
    Product,
    Renewal,
    Stuck,
    Subscription,
    SubscriptionItem,
    Team,
)
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago, ahead, at
from .._scope import Scope
from ._money import either, first, write, write_down

_HELD_BACK = "resume_blocked"
_BEFORE = timedelta(days=3)


def find(scope: Scope) -> Select[Any]:
    return either(_held_back(scope), _soon(scope))


def _held_back(scope: Scope) -> Select[Any]:
    card = Case.suggests["act"].astext == "messages.send"
    return (
        scope.rows(
            Subscription, since=Case.created_at, fires=Case.created_at, breaches=Case.created_at, due=Case.created_at,
            code=case((card, "card"), else_="gate"), case=Case.id,
            ball=case((card, Holder.PATIENT.value)),
        )
        .select_from(Case)
        .join(Subscription, Subscription.id == Case.subject_id)
        .where(Case.status == CaseStatus.OPEN, Case.reason == _HELD_BACK)
    )  # fmt: skip


def _soon(scope: Scope) -> Select[Any]:
    """Both pauses: the one that we end on an agreed day, and the collection that Stripe takes up by itself."""
    agreed = (
        select(Change.subscription_id, func.min(Change.starts_at).label("at"))
        .where(Change.status == ChangeStatus.SCHEDULED, Change.verb == "subscriptions.resume")
        .group_by(Change.subscription_id)
        .subquery()
    )
    due = func.coalesce(agreed.c.at, Subscription.pauses_until)
    fires = due - cast(_BEFORE, Interval)
    uncovered = _uncovered(due)
    return (
        scope.rows(
            Subscription, since=func.least(fires, Subscription.status_since), fires=fires, breaches=due, due=due,
            code=case((uncovered, "prescription"), else_="address"), case=None,
            ball=case((uncovered, Holder.CLINIC.value)),
        )
        .select_from(Subscription)
        .join(Customer, Customer.id == Subscription.customer_id)
        .outerjoin(agreed, agreed.c.subscription_id == Subscription.id)
        .where(
            Subscription.effective.in_((Effective.PAUSED, Effective.COLLECTION_PAUSED)),
            due.is_not(None),
            or_(uncovered, Customer.ship_to.is_(None)),
        )
    )  # fmt: skip


def _uncovered(due: Any) -> Any:
    """Has it a product that needs a prescription, and no prescription that lasts until that day?"""
    lasts = select(Prescription.id).where(
        Prescription.customer_id == Subscription.customer_id,
        Prescription.sku == Product.sku,
        Prescription.status == PrescriptionStatus.ACTIVE,
        or_(Prescription.expires_on.is_(None), Prescription.expires_on >= cast(due, Date)),
    )
    return (
        select(SubscriptionItem.id)
        .join(Product, Product.id == SubscriptionItem.product_id)
        .where(
            SubscriptionItem.subscription_id == Subscription.id, Product.needs_prescription, ~lasts.exists()
        )
        .exists()
    )


_MISSING = {
    "prescription": "no prescription lasts until then",
    "address": "nobody knows where to ship it",
    "card": "no card of theirs can be charged",
    "gate": "something stands in the way",
}


def says(details: Details, now: datetime) -> str:
    missing = _MISSING[details["code"]]
    if details["case"]:
        return f"It was to resume and has been held back for {ago(details, 'due', now)}: {missing}."
    if at(details, "due") > now:
        return f"It is to resume in {ahead(details, 'due', now)}, and {missing}."
    return f"It was to resume {ago(details, 'due', now)} ago, and {missing}."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    held_back = Case.get(stuck.details["case"] or "")
    if held_back:
        return [Evidence("Held back", held_back.says, held_back.url)]
    return [Evidence("To resume on", stuck.details["due"][:10], f"/subscriptions/{stuck.subject_id}")]


def offers(stuck: Stuck) -> Sequence[Offer]:
    told = "They read that we need something of them, and nothing of what it is."
    asks_card = stuck.details["code"] == "card"
    return first(
        write(stuck.customer_id, "save_card", "Ask for a card", "They read that their account takes another card.")
        if asks_card
        else _renewed(stuck),
        None if asks_card else write(stuck.customer_id, "call_us", "Ask them to call", told),
        write_down("customers", str(stuck.customer_id), "Write down what is missing", "Whoever looks next reads it."),
    )  # fmt: skip


def _renewed(stuck: Stuck) -> Offer | None:
    """Having the newest prescription of what it is for renewed, where there is one that can be."""
    if stuck.details["code"] != "prescription":
        return None
    query = (
        select(Prescription.id)
        .join(Product, Product.sku == Prescription.sku)
        .join(SubscriptionItem, SubscriptionItem.product_id == Product.id)
        .where(
            SubscriptionItem.subscription_id == stuck.subject_id, Prescription.customer_id == stuck.customer_id,
            Prescription.status.in_((PrescriptionStatus.ACTIVE, PrescriptionStatus.DEPLETED, PrescriptionStatus.EXPIRED)),
        )
    )  # fmt: skip
    newest = db.session.scalar(query.order_by(Prescription.created_at.desc()).limit(1))
    if newest is None or Renewal.of_prescription(newest):
        return None
    return Offer(
        "renewals.begin",
        newest,
        "Have it renewed",
        "The customer is asked for a check-in, and a clinician decides.",
    )


RULE = Rule(
    code="SUB.RESUME",
    title="A subscription cannot resume",
    rank=Rank.WAITING,
    stage=Stage.RENEWAL,
    team=Team.SUPPORT,
    ball=Holder.US,
    limit=Limit(timedelta(0), timedelta(days=3)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Get what is missing",
    offers=offers,
    recipe=(
        Look("What stands in the way, and since when.", "/subscriptions/{subject}"),
        Ask(
            "missing",
            "What is missing?",
            {"card": "A card", "prescription": "A prescription", "address": "An address"},
            leads={"card": "messages.send", "prescription": "renewals.begin", "address": "messages.send"},
        ),
        Do("Ask whoever has it. Nothing is charged meanwhile; it is looked at again every day."),
        Check("It resumes, or it was ended."),
    ),
    cases=frozenset((_HELD_BACK,)),
)
