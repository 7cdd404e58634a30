"""RX.DUP_LIVE: two prescriptions for the same are live at pharmacies, and the patient could be given both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, Select, String, column, func, select
from sqlalchemy.orm import aliased

from ....lib.business_time import Limit
from ....models import Holder, Prescription, Stuck, Team
from ... import harm, prescriptions
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._care import ask_clinic, first, hold, order_first, order_for

_GUARD = harm.GUARDS["two_copies"]
_SHAPE = (column("subject", String), column("customer", String), column("about", ARRAY(String)))


def find(scope: Scope) -> Select[Any]:
    """What breaks the guard, by the guard's own statement. The newest of them is the one to cancel."""
    broken = _GUARD.statement(scope.customers).columns(*_SHAPE).subquery("broken")
    copy = aliased(Prescription)
    since = select(func.max(copy.status_since)).where(copy.id == func.any(broken.c.about)).scalar_subquery()
    rows = scope.rows(
        Prescription, since=since, order=order_for(Prescription.customer_id, Prescription.sku), sku=Prescription.sku,
        prescription=Prescription.id, copies=func.to_jsonb(broken.c.about), began=since,
    )  # fmt: skip
    return order_first(rows.join(broken, broken.c.subject == Prescription.id))


def says(details: Details, now: datetime) -> str:
    count, since = len(details["copies"]), ago(details, "began", now)
    return f"{count} prescriptions for the same have been live at pharmacies for {since}: each can be filled."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    found = Prescription.each(stuck.details["copies"])
    return [Evidence(f"Copy {n}", one.external_id, one.url) for n, one in enumerate(found.values(), 1)]


def offers(stuck: Stuck) -> Sequence[Offer]:
    rx = Prescription.require(stuck.details["prescription"])
    does = "The pharmacy is asked to cancel the newer one, and says whether it has."
    cancel = Offer("prescriptions.cancel", rx.id, "Cancel the newer one", does, {"reason": "duplicate"})
    return first(
        [] if prescriptions.why_not_cancel(rx) else [cancel],
        hold(stuck),
        ask_clinic(rx.id, "duplicate_therapy"),
    )


RULE = Rule(
    code="RX.DUP_LIVE",
    title="Two prescriptions for the same are live",
    rank=Rank.HARM,
    stage=Stage.PRESCRIPTION,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(0), timedelta(hours=1)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Cancel the newer one",
    offers=offers,
    recipe=(
        Look(
            "Which of them is at a pharmacy, and whether one is being made up.",
            "/prescriptions?customer={customer}",
        ),
        Ask(
            "counts",
            "Is it clear which one counts?",
            {"older": "The older one", "newer": "The newer one", "unsure": "No"},
            leads={"older": "prescriptions.cancel", "newer": "orders.hold", "unsure": "visits.request"},
        ),
        Do("One of them is canceled at its pharmacy. Until that is confirmed nothing is filled from it."),
        Check("One of them is live, and no more."),
    ),
    cases=frozenset((_GUARD.reason, "two_prescriptions")),
)
