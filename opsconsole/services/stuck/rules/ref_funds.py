"""REF.FUNDS: Stripe holds a refund back because our balance there is too low."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from ....db import db
from ....lib.business_time import Limit
from ....lib.money import Money
from ....models import Holder, Refund, RefundStatus, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._money import first, money, read_anew, write_down
from ._refund import of_refunds, shown

_WAITS = (Refund.status == RefundStatus.PENDING, Refund.pending_reason == "insufficient_funds")


def find(scope: Scope) -> Select[Any]:
    return of_refunds(scope, since=Refund.status_since, code=Refund.pending_reason).where(*_WAITS)


def says(details: Details, now: datetime) -> str:
    return f"Stripe has held back {money(details)} for {ago(details, 'waits', now)}: our balance there is too low."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    """With what all that wait for the same come to: so much has to be put there."""
    total = select(Refund.currency, func.sum(Refund.amount), func.count()).where(*_WAITS)
    rows = db.session.execute(total.group_by(Refund.currency).order_by(Refund.currency)).all()
    missing = "; ".join(f"{Money(int(sum_), currency)} in {count}" for currency, sum_, count in rows)
    return [*shown(stuck), Evidence("All refunds that wait for our balance", missing or "None any more")]


def offers(stuck: Stuck) -> Sequence[Offer]:
    return first(
        read_anew(stuck.details["payment"], "See whether it went out"),
        write_down("refunds", stuck.subject_id, "Write down the top-up", "When it was sent, and how much."),
    )  # fmt: skip


RULE = Rule(
    code="REF.FUNDS",
    title="A refund waits for our balance",
    rank=Rank.EXCEPTION,
    stage=Stage.REFUND,
    team=Team.FINANCE,
    ball=Holder.US,
    limit=Limit(timedelta(hours=4), timedelta(hours=48)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="See whether it went out",
    offers=offers,
    recipe=(
        Look(
            "How much is missing for all refunds that wait: the evidence adds it up.",
            "/refunds?status=pending",
        ),
        Ask(
            "topped",
            "Was money sent to Stripe’s balance?",
            {"yes": "Yes", "no": "No: send it from Stripe’s dashboard first"},
            leads={"yes": "payments.refresh", "no": "refunds.note"},
        ),
        Do("Stripe sends it by itself once the money is there. Do not refund again: it would go out twice."),
        Check("Stripe says that it succeeded."),
    ),
    heals=timedelta(hours=24),
)
