"""PHA.NO_ROUTE: an order is ready, and no pharmacy may take it or has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select

from ....db import now
from ....lib.business_time import Limit
from ....models import Case, CaseStatus, Holder, Order, OrderStatus, Stuck, Team
from ... import fills
from ...prescriptions import Evidence, Offer
from .._fills import call_off, elsewhere, hold
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope

_WAITS = (OrderStatus.READY, OrderStatus.MANUAL_INTERVENTION)


def find(scope: Scope) -> Select[Any]:
    """The clock looked for a pharmacy and found none: its case stands until one is found, or somebody has dealt with it."""
    rows = scope.rows(
        Order, since=Case.created_at, pharmacy=Order.pharmacy_id, case=Case.id, looked=Case.created_at
    )
    return rows.join(Case, Case.subject_id == Order.id).where(
        Case.reason == "no_pharmacy", Case.status == CaseStatus.OPEN, Order.status.in_(_WAITS)
    )


def says(details: Details, now: datetime) -> str:
    return f"A pharmacy was looked for {ago(details, 'looked', now)} ago, and none can take it."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    order = Order.require(str(stuck.order_id))
    route = fills.would_go(order, now().date())
    told = [
        Evidence(one.pharmacy.name, f"{one.why_not[:1].upper()}{one.why_not[1:]}.", one.pharmacy.url)
        for one in (route.nowhere[0][1] if route and route.nowhere else ())
    ]
    state = order.ships_to.state if order.ships_to else "nowhere that we know of"
    return [*told[:4], Evidence("Ships to", state, "/routing")]


def offers(stuck: Stuck) -> Sequence[Offer]:
    does = "It keeps to that one, whatever the rules say."
    return [
        elsewhere(stuck, "Choose its pharmacy", does, reason="other"),
        hold(stuck, "stock"),
        call_off(stuck, "Nobody can make it up: what was paid goes back."),
    ]


RULE = Rule(
    code="PHA.NO_ROUTE",
    title="No pharmacy can take it",
    rank=Rank.WAITING,
    stage=Stage.PHARMACY,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(0), timedelta(hours=2), business=True),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Choose its pharmacy",
    offers=offers,
    recipe=(
        Look("Why each pharmacy cannot take it; and where it would go under other rules.", "/routing"),
        Ask(
            "lasts",
            "Will others meet the same?",
            {"yes": "Yes: the rules have to change", "no": "No, it is this one"},
        ),
        Do("It is sent to a pharmacy that you name. Where others meet the same, propose a rule."),
        Check("A pharmacy has it."),
    ),
    cases=frozenset(("no_pharmacy",)),
)
