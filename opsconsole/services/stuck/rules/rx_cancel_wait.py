"""RX.CANCEL_WAIT: a pharmacy was asked to cancel, and has not answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, literal

from ....lib.business_time import Limit
from ....models import (
    Fill,
    FillStatus,
    Holder,
    Order,
    Pharmacy,
    Prescription,
    PrescriptionRequest,
    RequestKind,
    Stuck,
    Team,
)
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._care import delayed, first, note, order_first, order_for, telephone, together
from ._sent import its_pharmacy
from .rx_no_verify import SILENT


def find(scope: Scope) -> Select[Any]:
    """A prescription that is to be canceled; or a fill that is to be stopped."""
    there, joined = its_pharmacy()
    asked = PrescriptionRequest.created_at
    wished = (
        scope.rows(
            Prescription, since=asked, order=order_for(Prescription.customer_id, Prescription.sku), vendor="healthcare",
            pharmacy=there.id, sku=Prescription.sku, prescription=Prescription.id, request=PrescriptionRequest.id,
            asked=asked, pharmacy_name=func.coalesce(there.name, "The pharmacy"), what=literal("prescription"),
        )
        .join(PrescriptionRequest, PrescriptionRequest.prescription_id == Prescription.id)
        .outerjoin(there, joined)
        .where(PrescriptionRequest.kind == RequestKind.CANCEL, PrescriptionRequest.status.in_(SILENT))
    )  # fmt: skip
    stopped = (
        scope.rows(
            Order, since=Fill.status_since, vendor="pharmacy-" + Pharmacy.adapter, pharmacy=Fill.pharmacy_id, fill=Fill.id,
            asked=Fill.status_since, pharmacy_name=Pharmacy.name, what=literal("fill"),
        )
        .join(Fill, Fill.order_id == Order.id)
        .join(Pharmacy, Pharmacy.id == Fill.pharmacy_id)
        .where(Fill.status == FillStatus.CANCEL_REQUESTED)
    )  # fmt: skip
    return together(order_first(wished), stopped)


def says(details: Details, now: datetime) -> str:
    what = "cancel the prescription" if details["what"] == "prescription" else "stop the fill"
    return f"{details['pharmacy_name']} was asked {ago(details, 'asked', now)} ago to {what}, and has not answered."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    details = stuck.details
    url = (
        f"/fills/{details['fill']}"
        if details["what"] == "fill"
        else f"/prescription-requests/{details['request']}"
    )
    return [
        Evidence("Asked", details["asked"][:16].replace("T", " ") + " UTC", url),
        Evidence("Money", "What waits for the answer stays"),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    if stuck.details["what"] == "fill":
        return first(note(stuck, "Call the pharmacy, and write down what they said"), delayed(stuck))
    return first(telephone(stuck.details["request"]), note(stuck))


RULE = Rule(
    code="RX.CANCEL_WAIT",
    title="A pharmacy has not answered a cancel",
    rank=Rank.MISSING,
    stage=Stage.PRESCRIPTION,
    team=Team.SUPPORT,
    ball=Holder.PHARMACY,
    limit=Limit(timedelta(hours=4), timedelta(hours=24)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Call the pharmacy",
    offers=offers,
    recipe=(
        Look("Who is to cancel it, and what waits for their answer.", "/prescription-requests"),
        Ask(
            "said",
            "Call them: have they canceled it?",
            {"yes": "They have", "no": "They will not", "later": "They will say later"},
            leads={"yes": "prescriptions.record_outcome", "no": "prescriptions.record_outcome"},
        ),
        Do("What they say is written down: money that waits for it goes back, or stays."),
        Check("The pharmacy has answered."),
    ),
    heals=timedelta(hours=24),
    cases=frozenset(("pharmacy_silent",)),
)
