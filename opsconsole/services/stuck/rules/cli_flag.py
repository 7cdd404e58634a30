"""CLI.FLAG: a flag blocks what a clinician wants to approve, or has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_

from ....lib.business_time import Limit
from ....models import (
    FLAG_OPEN,
    FlagEffect,
    FlagKind,
    Holder,
    Order,
    OrderLine,
    OrderStatus,
    Product,
    ReviewFlag,
    Stuck,
    Team,
    Visit,
    VisitStatus,
)
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._care import first, hold, note, order_first, order_of_visit, together

_PAST_REVIEW = (
    OrderStatus.AWAITING_RX, OrderStatus.AWAITING_PAYMENT, OrderStatus.READY, OrderStatus.MANUAL_INTERVENTION,
)  # fmt: skip
_BLOCKS = and_(ReviewFlag.status.in_(FLAG_OPEN), ReviewFlag.effect == FlagEffect.BLOCK)


def find(scope: Scope) -> Select[Any]:
    """As prescriptions.flags_against has it for one order: a flag of another order concerns only that one, and what speaks
    of pregnancy only what may not be taken then."""
    concerned = exists().where(
        OrderLine.order_id == Order.id, OrderLine.dropped_at.is_(None), Product.sku == OrderLine.sku,
        Product.needs_prescription, or_(ReviewFlag.kind != FlagKind.PREGNANCY, Product.not_in_pregnancy),
    )  # fmt: skip
    stands = func.greatest(ReviewFlag.created_at, Order.status_since)
    orders = (
        scope.rows(Order, since=stands, flag=ReviewFlag.id, severity=ReviewFlag.severity, stands=stands)
        .join(
            ReviewFlag,
            and_(
                ReviewFlag.customer_id == Order.customer_id, _BLOCKS,
                or_(ReviewFlag.order_id.is_(None), ReviewFlag.order_id == Order.id),
            ),
        )
        .where(Order.status.in_(_PAST_REVIEW), concerned)
    )  # fmt: skip
    looked = func.greatest(ReviewFlag.created_at, func.coalesce(Visit.claimed_at, Visit.status_since))
    visits = (
        scope.rows(
            Visit,
            since=looked,
            order=order_of_visit(),
            flag=ReviewFlag.id,
            severity=ReviewFlag.severity,
            stands=looked,
        )
        .join(ReviewFlag, and_(ReviewFlag.customer_id == Visit.customer_id, _BLOCKS))
        .where(Visit.status == VisitStatus.IN_REVIEW)
    )
    return together(orders, order_first(visits))


def says(details: Details, now: datetime) -> str:
    return f"A {details['severity']} flag has blocked it for {ago(details, 'stands', now)}: a clinician has to resolve it."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    return [Evidence("Flag", f"{stuck.details['severity']}, open", f"/review-flags/{stuck.details['flag']}")]


def offers(stuck: Stuck) -> Sequence[Offer]:
    flag = stuck.details["flag"]
    resolve = Offer("review_flags.resolve", flag, "Say what was found", "What it blocks goes on.")
    dismiss = Offer(
        "review_flags.dismiss", flag, "Say why it does not matter", "What it blocks goes on.", within=False
    )
    return first([resolve, dismiss], hold(stuck) or note(stuck))


RULE = Rule(
    code="CLI.FLAG",
    title="A flag blocks it",
    rank=Rank.WAITING,
    stage=Stage.REVIEW,
    team=Team.CLINIC,
    ball=Holder.CLINIC,
    limit=Limit(timedelta(hours=1), timedelta(hours=8), business=True),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Say what was found",
    offers=offers,
    recipe=(
        Look(
            "The flag, and the answers that raised it: clinicians see both.",
            "/review-flags?customer={customer}",
        ),
        Ask(
            "matters",
            "Does it speak against what is prescribed?",
            {"no": "No", "dealt": "It did, and is dealt with", "yes": "Yes: nothing is prescribed"},
            leads={"no": "review_flags.dismiss", "dealt": "review_flags.resolve"},
        ),
        Do("A clinician says what was found. Who may not read of somebody’s health cannot do this."),
        Check("No flag blocks it any more."),
    ),
)
