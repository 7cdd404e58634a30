"""PHA.DRIFT: somebody outside holds something else about it than we do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select

from ....lib.business_time import Limit
from ....models import Drift, DriftStatus, Holder, Order, Stuck, Team
from ... import reconciliation
from ...prescriptions import Evidence, Offer
from .._fills import ask
from .._recipe import Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from .pha_address import ELSEWHERE

#: Those have causes of their own.
_NOT_OURS = (ELSEWHERE, "subscription_differs", "invoice_differs")


def find(scope: Scope) -> Select[Any]:
    """Of an order; a finding about an order that nobody here knows is a case of its own."""
    rows = scope.rows(
        Order, since=Drift.created_at, vendor=Drift.port, drift=Drift.id, kind=Drift.kind, found=Drift.created_at,
        seen=Drift.last_seen_at,
    )  # fmt: skip
    return rows.join(Drift, Drift.order_id == Order.id).where(
        Drift.status == DriftStatus.OPEN, Drift.kind.not_in(_NOT_OURS)
    )


def says(details: Details, now: datetime) -> str:
    kind = reconciliation.KINDS.get(details["kind"])
    means = kind.means if kind else "They hold something else than we do."
    return f"Found {ago(details, 'found', now)} ago: {means[0].lower()}{means[1:]}"


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    drift = Drift.require(stuck.details["drift"])
    return [Evidence("Ours", drift.ours, drift.url), Evidence("Theirs", drift.theirs, drift.url)]


def offers(stuck: Stuck) -> Sequence[Offer]:
    drift = Drift.require(stuck.details["drift"])
    kind = reconciliation.KINDS.get(drift.kind)
    does = "Write down why both may stand as they are."
    dismiss = Offer("reconciliation.dismiss", drift.id, "Let it be", does, within=False)
    again = ask(stuck)
    if kind is None or kind.repair is None or not drift.suggests:
        return [again, dismiss]
    return [Offer("reconciliation.repair", drift.id, kind.label, kind.means), again, dismiss]


RULE = Rule(
    code="PHA.DRIFT",
    title="We and they differ",
    rank=Rank.MISSING,
    stage=Stage.PHARMACY,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(hours=1), timedelta(hours=24)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Bring both together",
    offers=offers,
    recipe=(
        Look("What we hold, and what they hold.", "/orders/{order}"),
        Do("They have the last word on what they did: our copy follows, or they are told."),
        Check("The next comparison finds no difference."),
    ),
    heals=timedelta(hours=24),
    cases=frozenset(("drift",)),
)
