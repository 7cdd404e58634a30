"""SYS.UNKNOWN: it has stood where it is for longer than almost any order does, and no cause holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Interval, Select, case, cast

from ....lib.business_time import Limit
from ....models import Holder, Order, OrderStatus, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope

_S = OrderStatus
#: Longer than all but one in a hundred orders stay there. Everything that usually goes wrong is told sooner by a cause.
AS_LONG_AS: dict[OrderStatus, timedelta] = {
    _S.AWAITING_VISIT: timedelta(days=14),
    _S.IN_REVIEW: timedelta(days=5),
    _S.AWAITING_RX: timedelta(days=5),
    _S.AWAITING_PAYMENT: timedelta(days=10),
    _S.READY: timedelta(days=2),
    _S.SUBMITTED: timedelta(days=3),
    _S.AT_PHARMACY: timedelta(days=10),
    _S.SHIPPED: timedelta(days=21),
    _S.ON_HOLD: timedelta(days=21),
    _S.MANUAL_INTERVENTION: timedelta(days=3),
}


def find(scope: Scope) -> Select[Any]:
    late = case(*((Order.status == status, cast(span, Interval)) for status, span in AS_LONG_AS.items()))
    since = Order.status_since
    return scope.rows(Order, since=since, fires=since + late, order_status=Order.status, stands=since).where(
        Order.status.in_(AS_LONG_AS)
    )


def says(details: Details, now: datetime) -> str:
    status = details["order_status"].replace("_", " ")
    return (
        f"It has been {status} for {ago(details, 'stands', now)}, and nothing that we know of keeps it there."
    )


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    return [Evidence("Stands there since", stuck.details["stands"][:10], f"/orders/{stuck.order_id}")]


def offers(stuck: Stuck) -> Sequence[Offer]:
    order = str(stuck.order_id)
    return [
        Offer(
            "orders.note", order, "Write down what you found", "Whoever looks next reads it.", within=False
        ),
        Offer("orders.hold", order, "Hold the order", "Nothing goes out until somebody lets it go."),
        Offer(
            "orders.cancel",
            order,
            "Cancel the order",
            "Its parcel is stopped, if it has not left.",
            within=False,
        ),
    ]


RULE = Rule(
    code="SYS.UNKNOWN",
    title="Late, and nobody knows why",
    rank=Rank.UNKNOWN,
    stage=Stage.SYSTEM,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(0), timedelta(hours=24)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Look at it",
    offers=offers,
    recipe=(
        Look("Its three lanes and its timeline: what was the last thing that happened?", "/orders/{order}"),
        Do("Write down what keeps it, so that a rule can be made of it."),
        Check("It moves on."),
    ),
)
