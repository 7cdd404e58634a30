"""PAY.DRIFT: Stripe holds something else of a subscription or an invoice than we do.

Found by the comparison that lists both sides (`Drift` of kinds subscription_differs and invoice_differs). What only Stripe
has is about the finding itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select

from ....lib.business_time import Limit
from ....models import Drift, DriftStatus, Holder, Invoice, Stuck, Subscription, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._money import either, first

_KINDS = ("subscription_differs", "invoice_differs")
_NOUNS = {"subscription_differs": "subscription", "invoice_differs": "invoice"}


def find(scope: Scope) -> Select[Any]:
    open_ = (Drift.kind.in_(_KINDS), Drift.status == DriftStatus.OPEN)
    told = {"since": Drift.created_at, "drift": Drift.id, "found": Drift.created_at, "code": Drift.kind}
    ours = [
        scope.rows(noun, **told).select_from(Drift).join(noun, noun.id == Drift.subject).where(*open_)
        for noun in (Subscription, Invoice)
    ]
    theirs = scope.rows(Drift, **told).where(*open_, Drift.subject.contains(":"))
    return either(*ours, theirs)


def says(details: Details, now: datetime) -> str:
    found = ago(details, "found", now)
    return (
        f"Stripe’s {_NOUNS[details['code']]} and ours differ, found {found} ago: we did not hear of a change."
    )


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    drift = Drift.require(stuck.details["drift"])
    return [
        Evidence("We hold", drift.ours, drift.url),
        Evidence("Stripe holds", drift.theirs),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    drift = stuck.details["drift"]
    return first(
        Offer(
            "reconciliation.repair", drift, "Bring ours up to date",
            "It is read from Stripe, which has the last word on it.",
        ),
        Offer(
            "subscriptions.refresh", stuck.subject_id, "Read the subscription from Stripe",
            "Ours follows what Stripe says.",
        )
        if stuck.subject_id.startswith(f"{Subscription.PREFIX}_")
        else None,
        Offer("reconciliation.dismiss", drift, "Let it be", "It comes back only if what either holds changes."),
    )  # fmt: skip


RULE = Rule(
    code="PAY.DRIFT",
    title="Stripe and we differ",
    rank=Rank.MISSING,
    stage=Stage.RENEWAL,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(minutes=15), timedelta(hours=4)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Bring ours up to date",
    offers=offers,
    recipe=(
        Look("What each side holds. Has the customer another live subscription of the same product?"),
        Ask(
            "theirs",
            "Is what Stripe holds what was meant?",
            {"yes": "Yes", "no": "No: change it at the subscription, then compare again"},
            leads={"yes": "reconciliation.repair"},
        ),
        Do("Ours follows Stripe: nothing is changed there, and nothing is charged."),
        Check("The next reading of it agrees with ours."),
    ),
    heals=timedelta(hours=1),
    cases=frozenset(("drift",)),
)
