"""REF.UNKNOWN: Stripe was asked for a refund, and we do not know whether it made it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select

from ....lib.business_time import Limit
from ....models import Holder, Refund, RefundStatus, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._money import first, money, read_anew, write_down
from ._refund import of_refunds, shown


def find(scope: Scope) -> Select[Any]:
    return of_refunds(scope, since=Refund.status_since, code=None).where(
        Refund.status == RefundStatus.SUBMITTED
    )


def says(details: Details, now: datetime) -> str:
    return (
        f"Stripe was asked for {money(details)} {ago(details, 'waits', now)} ago, and we do not know "
        "whether it gave them back."
    )


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    return shown(stuck)


def offers(stuck: Stuck) -> Sequence[Offer]:
    """Never the same once more: it is looked for among the payment's refunds at Stripe, by the mark that ours carry."""
    return first(
        read_anew(stuck.details["payment"], "Look for it at Stripe"),
        write_down(
            "refunds", stuck.subject_id, "Write down what Stripe shows", "Whoever looks next reads it."
        ),
    )


RULE = Rule(
    code="REF.UNKNOWN",
    title="Nobody knows whether a refund was made",
    rank=Rank.MONEY,
    stage=Stage.REFUND,
    team=Team.FINANCE,
    ball=Holder.US,
    limit=Limit(timedelta(minutes=10), timedelta(hours=1)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Look for it at Stripe",
    offers=offers,
    recipe=(
        Look("Its attempts: what was answered, if anything.", "/refunds/{subject}"),
        Do(
            "The payment’s refunds are read from Stripe. One that carries our mark is this one. Never "
            "refund again meanwhile."
        ),
        Ask(
            "there",
            "Does Stripe show it?",
            {"yes": "Yes", "no": "No", "unknown": "Stripe does not answer"},
            leads={"no": "refunds.note", "unknown": "payments.refresh"},
        ),
        Check("Stripe’s id of the refund stands on it."),
    ),
    vendor="payments",
    heals=timedelta(minutes=30),
    cases=frozenset(("unknown_outcome", "vendor_unavailable_exhausted", "our_fault")),
)
