"""REF.PROCESSING: a refund is under way for longer than that takes, or waits for something that the customer has to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, func, or_

from ....lib.business_time import Limit
from ....models import Holder, Refund, RefundStatus, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._money import first, money, read_anew, write, write_down
from ._refund import of_refunds, shown

_ASKS = "requires_action"


def find(scope: Scope) -> Select[Any]:
    asks = Refund.status == RefundStatus.REQUIRES_ACTION
    code = case((asks, _ASKS), else_=func.coalesce(Refund.pending_reason, "processing"))
    ball = case((asks, Holder.PATIENT.value))
    moving = func.coalesce(Refund.pending_reason, "processing") != "insufficient_funds"
    return of_refunds(scope, since=Refund.status_since, code=code, ball=ball).where(
        Refund.status.in_((RefundStatus.PENDING, RefundStatus.REQUIRES_ACTION)),
        or_(asks, and_(Refund.status == RefundStatus.PENDING, moving)),
    )


def says(details: Details, now: datetime) -> str:
    waited = ago(details, "waits", now)
    if details["code"] == _ASKS:
        return (
            f"The customer has to do something before {money(details)} can go back, and has not for {waited}."
        )
    why = " (its charge is not settled yet)" if details["code"] == "charge_pending" else ""
    return f"{money(details)} have been on their way back for {waited}{why}, and have not arrived."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    return shown(stuck)


def offers(stuck: Stuck) -> Sequence[Offer]:
    asks = stuck.details["code"] == _ASKS
    return first(
        read_anew(stuck.details["payment"], "Ask Stripe how it stands"),
        write(stuck.customer_id, "call_us", "Ask them to call", "Tell them what Stripe needs of them.")
        if asks
        else write(
            stuck.customer_id, "refund_issued", "Tell the customer it is under way",
            "They read the amount, and how long banks take.", refund=stuck.subject_id,
        ),
        write_down("refunds", stuck.subject_id, "Write down the trace number", "With it their bank finds the money."),
    )  # fmt: skip


RULE = Rule(
    code="REF.PROCESSING",
    title="A refund takes too long",
    rank=Rank.MISSING,
    stage=Stage.REFUND,
    team=Team.SUPPORT,
    ball=Holder.PAYMENT,
    limit=Limit(timedelta(days=5), timedelta(days=10)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Ask Stripe how it stands",
    offers=offers,
    recipe=(
        Look("The bank’s trace number: with it the customer’s bank finds the money.", "/refunds/{subject}"),
        Do("Stripe is asked how it stands now. Do not refund again: it would go out twice."),
        Ask(
            "number",
            "Is there a trace number?",
            {"yes": "Yes: give it to the customer", "no": "No: ask Stripe’s support"},
            leads={"yes": "messages.send", "no": "refunds.note"},
        ),
        Check("Stripe says that it succeeded, or that it failed."),
    ),
    vendor="payments",
    heals=timedelta(days=3),
)
