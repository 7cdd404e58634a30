"""RX.CANCEL_DENIED: the pharmacy would not cancel it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, literal
from sqlalchemy.orm import aliased

from ....lib.business_time import Limit
from ....models import (
    Fill,
    FillStatus,
    Holder,
    Order,
    Pharmacy,
    Prescription,
    PrescriptionRequest,
    PrescriptionStatus,
    RequestKind,
    RequestStatus,
    Stuck,
    Team,
)
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._care import OPEN, first, note, of_cause, order_first, order_for, telephone, together
from ._sent import its_pharmacy

_LIVE = (PrescriptionStatus.ACTIVE, PrescriptionStatus.ON_HOLD)
_NO = (RequestStatus.DENIED, RequestStatus.FAILED)


def find(scope: Scope) -> Select[Any]:
    """What can still be filled though it was to be canceled; and fills that go out though they were to be stopped."""
    there, joined = its_pharmacy()
    later, said = aliased(PrescriptionRequest), PrescriptionRequest.status_since
    kept = (
        scope.rows(
            Prescription, since=said, order=order_for(Prescription.customer_id, Prescription.sku), pharmacy=there.id,
            sku=Prescription.sku, prescription=Prescription.id, request=PrescriptionRequest.id, said=said,
            pharmacy_name=func.coalesce(there.name, "The pharmacy"), what=literal("prescription"),
        )
        .join(PrescriptionRequest, PrescriptionRequest.prescription_id == Prescription.id)
        .outerjoin(there, joined)
        .where(
            PrescriptionRequest.kind == RequestKind.CANCEL, PrescriptionRequest.status.in_(_NO),
            Prescription.status.in_(_LIVE),
            ~exists().where(
                later.prescription_id == Prescription.id, later.kind == RequestKind.CANCEL,
                later.created_at > PrescriptionRequest.created_at,
            ),
        )
    )  # fmt: skip
    goes_out = (
        scope.rows(
            Order,
            since=Fill.status_since,
            pharmacy=Fill.pharmacy_id,
            fill=Fill.id,
            said=Fill.status_since,
            pharmacy_name=Pharmacy.name,
            what=literal("fill"),
        )
        .join(Fill, Fill.order_id == Order.id)
        .join(Pharmacy, Pharmacy.id == Fill.pharmacy_id)
        .where(Fill.status == FillStatus.CANCEL_DENIED, Order.status.in_(OPEN))
    )
    return together(order_first(kept), goes_out)


def says(details: Details, now: datetime) -> str:
    said = f"{details['pharmacy_name']} said no {ago(details, 'said', now)} ago"
    if details["what"] == "fill":
        return f"{said} to stopping the fill: it will ship."
    return f"{said} to canceling the prescription, or never got the wish: it can still be filled."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    details = stuck.details
    url = (
        f"/fills/{details['fill']}"
        if details["what"] == "fill"
        else f"/prescription-requests/{details['request']}"
    )
    return [
        Evidence("Said no", details["said"][:16].replace("T", " ") + " UTC", url),
        Evidence("Money", "Give nothing back for what ships"),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    if stuck.details["what"] == "fill":
        return first(of_cause(str(stuck.order_id), "cancel_denied"), note(stuck))
    return first(telephone(stuck.details["request"]), note(stuck))


RULE = Rule(
    code="RX.CANCEL_DENIED",
    title="The pharmacy would not cancel it",
    rank=Rank.EXCEPTION,
    stage=Stage.PRESCRIPTION,
    team=Team.SUPPORT,
    ball=Holder.US,
    limit=Limit(timedelta(0), timedelta(hours=4)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Call the pharmacy",
    offers=offers,
    recipe=(
        Look("Whether it was made up already, or has left.", "/orders/{order}"),
        Ask(
            "said",
            "Call them: can it still be stopped?",
            {"yes": "They have canceled it now", "no": "No: it goes out"},
            leads={"yes": "prescriptions.record_outcome"},
        ),
        Do("What they say is written down. What ships is not refunded before the carrier has stopped it."),
        Check("It is canceled, or the plan counts on it going out."),
    ),
    cases=frozenset(("cancel_denied", "shipped_after_cancel")),
)
