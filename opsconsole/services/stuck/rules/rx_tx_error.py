"""RX.TX_ERROR: the signed prescription did not get through to its pharmacy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, literal
from sqlalchemy.orm import aliased

from ....db import now
from ....lib.business_time import Limit
from ....models import (
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
from ._care import (
    ask_clinic,
    first,
    of_cause,
    of_the_fill,
    order_first,
    order_for,
    retry,
    telephone,
    together,
    troubled,
    waits_for_the_pharmacy,
)
from ._sent import reached

_R = RequestStatus
_BROKE = (_R.FAILED, _R.DENIED, _R.DECLINED)
_CALLED_OFF = "called_off"  # somebody did not want it sent any more


def find(scope: Scope) -> Select[Any]:
    """What was sent last and came to nothing; and fills whose pharmacy has no prescription, or does not take the
    prescriber's identifiers."""
    later = aliased(PrescriptionRequest)
    broke = PrescriptionRequest.status_since
    sent = (
        scope.rows(
            Prescription, since=broke, order=order_for(Prescription.customer_id, Prescription.sku), sku=Prescription.sku,
            prescription=Prescription.id, request=PrescriptionRequest.id, stands=broke,
            pharmacy_name=literal("the pharmacy"),
            code=func.coalesce(PrescriptionRequest.failure_code, "no_code"),
        )
        .join(PrescriptionRequest, PrescriptionRequest.prescription_id == Prescription.id)
        .where(
            PrescriptionRequest.kind == RequestKind.TRANSMIT, PrescriptionRequest.status.in_(_BROKE),
            func.coalesce(PrescriptionRequest.failure_code, "") != _CALLED_OFF,
            Prescription.status == PrescriptionStatus.ACTIVE, ~reached(),
            ~exists().where(
                later.prescription_id == Prescription.id, later.kind == RequestKind.TRANSMIT,
                later.created_at > PrescriptionRequest.created_at,
            ),
        )
    )  # fmt: skip
    return together(order_first(sent), troubled(scope, "rx_missing", "prescriber_id_problem"))


def says(details: Details, now: datetime) -> str:
    since = ago(details, "stands", now)
    if "request" in details:
        code = details["code"].replace("_", " ")
        return f"The prescription did not get through to the pharmacy {since} ago (code {code})."
    lacks = (
        "has no prescription"
        if details["code"] == "rx_missing"
        else "does not accept the prescriber’s identifiers"
    )
    return f"{details['pharmacy_name']} {lacks} for it, since {since}."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    details = stuck.details
    if "request" not in details:
        return of_the_fill(stuck)
    return [
        Evidence("Sent", "came to nothing", f"/prescription-requests/{details['request']}"),
        Evidence("Prescription", "signed", f"/prescriptions/{details['prescription']}"),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    details = stuck.details
    if "request" not in details:
        return first(of_cause(str(stuck.order_id), details["code"]), waits_for_the_pharmacy(stuck))
    rx = Prescription.require(details["prescription"])
    does = "The same signed prescription goes to the same pharmacy once more; nothing on it changes."
    again = Offer("prescriptions.resend", rx.id, "Have it sent again", does)
    may = prescriptions.why_not_resend(rx, now()) is None
    call = [] if _is_declined(details["request"]) else telephone(details["request"])
    return first(
        [again] if may else [], retry(details["request"]), call, ask_clinic(rx.id, "rx_rejected_by_network")
    )


def _is_declined(request: str) -> bool:
    return PrescriptionRequest.require(request).status == _R.DECLINED


RULE = Rule(
    code="RX.TX_ERROR",
    title="A prescription did not reach its pharmacy",
    rank=Rank.EXCEPTION,
    stage=Stage.PRESCRIPTION,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(minutes=15), timedelta(hours=4), business=True),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Have it sent again",
    offers=offers,
    recipe=(
        Look("What the network said: trouble on the way, or wrong identifiers.", "/prescriptions?customer={customer}"),
        Ask(
            "what",
            "What was wrong?",
            {"way": "Trouble on the way", "ids": "Somebody’s identifiers", "there": "They have it after all"},
            leads={"way": "prescriptions.resend", "there": "prescriptions.record_outcome"},
        ),
        Do("It is sent again once nothing can arrive from the first time: never two copies."),
        Check("The pharmacy says that it has it."),
    ),
    heals=timedelta(hours=1),
    cases=frozenset(("rx_not_transmitted", "rx_missing", "prescriber_id_problem", "vendor_rejected")),
)  # fmt: skip
