"""RX.NOT_CREATED: it is approved, and there is no prescription."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import aliased

from ....lib.business_time import Limit
from ....models import (
    PRESCRIPTION_OVER,
    REQUEST_OPEN,
    Holder,
    Order,
    OrderLine,
    OrderStatus,
    Prescription,
    PrescriptionRequest,
    Product,
    RequestKind,
    RequestStatus,
    Stuck,
    Team,
    Visit,
)
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._care import ask_clinic, delayed, first, note, open_order, order_first, retry, together

_R = RequestStatus
_NOT_DONE = (*REQUEST_OPEN, _R.DECLINED, _R.FAILED, _R.DENIED)


def find(scope: Scope) -> Select[Any]:
    """Orders that wait for a prescription of which there is none, whoever is to write it; and what was asked for besides
    those, as a renewal."""
    return together(_orders(scope), order_first(_others(scope)))


def _orders(scope: Scope) -> Select[Any]:
    there = exists().where(
        Prescription.customer_id == Order.customer_id, Prescription.status.not_in(PRESCRIPTION_OVER),
        or_(Prescription.sku == OrderLine.sku, Prescription.sku.is_(None)),
    )  # fmt: skip
    asked = (
        select(PrescriptionRequest.id)
        .where(
            PrescriptionRequest.customer_id == Order.customer_id, PrescriptionRequest.sku == OrderLine.sku,
            PrescriptionRequest.kind == RequestKind.PRESCRIBE, PrescriptionRequest.created_at >= Order.placed_at,
        )
        .order_by(PrescriptionRequest.created_at.desc())
        .limit(1)
        .scalar_subquery()
    )  # fmt: skip
    since = Order.status_since
    return (
        scope.rows(Order, since=since, sku=OrderLine.sku, approved=since, request=asked)
        .join(OrderLine, and_(OrderLine.order_id == Order.id, OrderLine.dropped_at.is_(None)))
        .join(Product, and_(Product.sku == OrderLine.sku, Product.needs_prescription))
        .where(Order.status == OrderStatus.AWAITING_RX, ~there)
    )


def _others(scope: Scope) -> Select[Any]:
    later, made = aliased(PrescriptionRequest), aliased(Prescription)
    asked = PrescriptionRequest.created_at
    return (
        scope.rows(
            Visit, since=asked, order=open_order(Visit.order_id), vendor="healthcare", sku=PrescriptionRequest.sku,
            approved=asked, request=PrescriptionRequest.id,
        )
        .join(PrescriptionRequest, PrescriptionRequest.visit_id == Visit.id)
        .where(
            PrescriptionRequest.kind == RequestKind.PRESCRIBE, PrescriptionRequest.status.in_(_NOT_DONE),
            or_(Visit.order_id.is_(None), open_order(Visit.order_id).is_not(None)),
            ~exists().where(
                later.customer_id == Visit.customer_id, later.kind == RequestKind.PRESCRIBE,
                later.sku == PrescriptionRequest.sku, later.created_at > asked,
            ),
            ~exists().where(
                made.customer_id == Visit.customer_id, made.sku == PrescriptionRequest.sku, made.created_at > asked,
                made.status.not_in(PRESCRIPTION_OVER),
            ),
        )
    )  # fmt: skip


def says(details: Details, now: datetime) -> str:
    return f"It was approved {ago(details, 'approved', now)} ago, and there is no prescription."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    asked = PrescriptionRequest.get(stuck.details["request"] or "")
    if asked is None:
        return [Evidence("Asked for", "Nothing from here", f"/prescriptions?customer={stuck.customer_id}")]
    return [Evidence("Asked for", asked.status.replace("_", " "), asked.url)]


def offers(stuck: Stuck) -> Sequence[Offer]:
    asked = PrescriptionRequest.get(stuck.details["request"] or "")
    under_way = asked is not None and asked.status in REQUEST_OPEN
    again = ask_clinic(stuck.order_id, "rx_missing") if stuck.order_id and not under_way else []
    return first(retry(asked.id if asked else None), again, delayed(stuck), note(stuck))


RULE = Rule(
    code="RX.NOT_CREATED",
    title="Approved, and there is no prescription",
    rank=Rank.MISSING,
    stage=Stage.PRESCRIPTION,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(minutes=15), timedelta(hours=4), business=True),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Have it written",
    offers=offers,
    recipe=(
        Look(
            "Whether it was asked for, and what the healthcare system said.",
            "/prescriptions?customer={customer}",
        ),
        Ask(
            "asked",
            "Was it asked for?",
            {"failed": "Yes, and it came to nothing", "no": "No", "waits": "Yes, and nobody has answered"},
            leads={"failed": "cases.retry", "no": "visits.request"},
        ),
        Do("The same is asked for once more, or a clinician writes it. Nobody writes two."),
        Check("There is a prescription, and the order goes on."),
    ),
    heals=timedelta(minutes=15),
    cases=frozenset(
        ("vendor_rejected", "unknown_outcome", "vendor_unavailable_exhausted", "rx_not_replaced")
    ),
)
