"""PHA.NO_ACK: a fill was sent to a pharmacy, and it has not said that it has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from ....db import db
from ....lib.business_time import Limit
from ....models import Fill, FillStatus, Holder, Order, Pharmacy, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._fills import ASK, ask, tell_delayed
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope

_SINCE = {
    FillStatus.ACKNOWLEDGED,
    FillStatus.TRIAGE,
    FillStatus.FILLING,
    FillStatus.DISPENSED,
    FillStatus.SHIPPED,
}


def find(scope: Scope) -> Select[Any]:
    return (
        scope.rows(
            Order, since=Fill.status_since, vendor="pharmacy-" + Pharmacy.adapter, pharmacy=Fill.pharmacy_id,
            fill=Fill.id, pharmacy_name=Pharmacy.name, sent=Fill.status_since,
        )
        .join(Fill, Fill.order_id == Order.id)
        .join(Pharmacy, Pharmacy.id == Fill.pharmacy_id)
        .where(Fill.status == FillStatus.SENT)
    )  # fmt: skip


def says(details: Details, now: datetime) -> str:
    return f"Sent to {details['pharmacy_name']} {ago(details, 'sent', now)} ago, and it has not said that it has it."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    """How the pharmacy does otherwise: whether it is this fill, or all of them."""
    lately = func.instant() - timedelta(days=1)
    others = db.session.scalar(
        select(func.count()).where(
            Fill.pharmacy_id == stuck.pharmacy_id, Fill.status_since >= lately, Fill.status.in_(_SINCE)
        )
    )
    return [
        Evidence("Fill", "Sent, not confirmed", f"/fills/{stuck.details['fill']}"),
        Evidence("Others of this pharmacy", f"{others or 'None'} moved on in the last 24 h"),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    """Nothing is sent again before it is known that the pharmacy has nothing: else it may make up two."""
    note = Offer(
        "orders.note",
        str(stuck.order_id),
        "Write down what they say",
        "Whoever looks next reads it.",
        within=False,
    )
    return [ask(stuck), tell_delayed(stuck), note]


RULE = Rule(
    code="PHA.NO_ACK",
    title="No pharmacy has confirmed it",
    rank=Rank.MISSING,
    stage=Stage.PHARMACY,
    team=Team.OPS,
    ball=Holder.PHARMACY,
    limit=Limit(timedelta(minutes=30), timedelta(hours=4)),
    find=find,
    says=says,
    evidence=evidence,
    suggests=ASK,
    offers=offers,
    recipe=(
        Look(
            "Whether the pharmacy confirms others today: then it is this fill alone.",
            "/fills?pharmacy={pharmacy}",
        ),
        Ask(
            "asked",
            "Have you asked the pharmacy?",
            {"has_it": "It has it", "has_not": "It does not have it", "not_yet": "Not yet"},
        ),
        Do(
            "It is asked what it has. What it does not have is a finding, and is sent again from there, once."
        ),
        Check("The pharmacy says that it has it."),
    ),
    cases=frozenset(("unknown_outcome", "vendor_unavailable_exhausted")),
)
