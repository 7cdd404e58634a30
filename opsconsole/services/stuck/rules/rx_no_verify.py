"""RX.NO_VERIFY: the prescription was sent, and its pharmacy has not said that it has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, literal, select

from ....db import db
from ....lib.business_time import Limit
from ....models import (
    Fill,
    Holder,
    Prescription,
    PrescriptionRequest,
    PrescriptionStatus,
    RequestKind,
    RequestStatus,
    Stuck,
    Team,
)
from ... import prescriptions
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._care import delayed, first, order_first, order_for, telephone
from ._sent import its_pharmacy, reached

_R = RequestStatus
SILENT = (_R.REQUESTED, _R.RECEIVED, _R.ACCEPTED, _R.UNKNOWN)  # passed on, and no answer
_LATELY, _SENT_SINCE = timedelta(days=1), timedelta(days=8)


def find(scope: Scope) -> Select[Any]:
    there, joined = its_pharmacy()
    sent = PrescriptionRequest.created_at
    rows = scope.rows(
        Prescription, since=sent, order=order_for(Prescription.customer_id, Prescription.sku), vendor="healthcare",
        pharmacy=there.id, sku=Prescription.sku, prescription=Prescription.id, request=PrescriptionRequest.id, sent=sent,
        pharmacy_name=func.coalesce(there.name, "The pharmacy"),
    )  # fmt: skip
    return order_first(
        rows.join(PrescriptionRequest, PrescriptionRequest.prescription_id == Prescription.id)
        .outerjoin(there, joined)
        .where(
            PrescriptionRequest.kind == RequestKind.TRANSMIT, PrescriptionRequest.status.in_(SILENT),
            Prescription.status == PrescriptionStatus.ACTIVE, ~reached(),
        )
    )  # fmt: skip


def says(details: Details, now: datetime) -> str:
    return (
        f"Sent {ago(details, 'sent', now)} ago, and {_inside(details['pharmacy_name'])} has not verified it."
    )


def _inside(name: str) -> str:
    return "the pharmacy" if name == "The pharmacy" else name


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    """How the pharmacy does otherwise: whether it is this prescription, or all of them."""
    details = stuck.details
    others = _confirmed(stuck.pharmacy_id)
    whose = _inside(details["pharmacy_name"]) if stuck.pharmacy_id else "all pharmacies"
    return [
        Evidence(
            "Sent",
            details["sent"][:16].replace("T", " ") + " UTC",
            f"/prescription-requests/{details['request']}",
        ),
        Evidence(f"Others that {whose} confirmed", f"{others or 'None'} in the last 24 h"),
    ]


def _confirmed(pharmacy_id: str | None) -> int:
    """How many prescriptions this pharmacy, or any, confirmed in the last 24 h."""
    at = func.instant()
    query = (
        select(func.count())
        .select_from(PrescriptionRequest)
        .join(Prescription, Prescription.id == PrescriptionRequest.prescription_id)
        .where(
            PrescriptionRequest.kind == RequestKind.TRANSMIT, PrescriptionRequest.status == _R.CONFIRMED,
            PrescriptionRequest.status_since >= at - literal(_LATELY),
            PrescriptionRequest.created_at >= at - literal(_SENT_SINCE),
        )
    )  # fmt: skip
    if pharmacy_id:
        there = exists().where(
            Fill.customer_id == Prescription.customer_id, Fill.prescription_id == Prescription.external_id,
            Fill.pharmacy_id == pharmacy_id,
        )  # fmt: skip
        query = query.where(there)
    return db.session.scalar(query) or 0


def offers(stuck: Stuck) -> Sequence[Offer]:
    """The pharmacy is asked first. It is sent to nobody else before it is canceled there, and that was confirmed."""
    rx = Prescription.require(stuck.details["prescription"])
    does = "The pharmacy decides. Only once it has confirmed that is it prescribed or sent elsewhere."
    off = Offer(
        "prescriptions.cancel",
        rx.id,
        "Have them cancel it, to send it elsewhere",
        does,
        {"reason": "moved_pharmacy"},
    )
    return first(
        telephone(stuck.details["request"]), [] if prescriptions.why_not_cancel(rx) else [off], delayed(stuck)
    )


RULE = Rule(
    code="RX.NO_VERIFY",
    title="No pharmacy has verified the prescription",
    rank=Rank.MISSING,
    stage=Stage.PRESCRIPTION,
    team=Team.OPS,
    ball=Holder.PHARMACY,
    limit=Limit(timedelta(hours=24), timedelta(hours=48)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Call the pharmacy",
    offers=offers,
    recipe=(
        Look("Whether the pharmacy confirms others today: then it is this one alone.", "/prescription-requests"),
        Ask(
            "has_it",
            "Call them: do they have it?",
            {"yes": "They have it", "no": "They do not, and nothing is on its way", "unsure": "They cannot tell"},
            leads={
                "yes": "prescriptions.record_outcome",
                "no": "prescriptions.record_outcome",
                "unsure": "prescriptions.cancel",
            },
        ),
        Do(
            "What they say is written down. It is sent again only when they do not have it, or have confirmed that the "
            "first one is canceled: never two copies."
        ),
        Check("They have verified it, or begin to make it up."),
    ),
    cases=frozenset(("pharmacy_silent",)),
)  # fmt: skip
