"""SHP.NO_TRACKING: a fill has left its pharmacy, and nobody told in which parcel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, or_

from ....lib.business_time import Limit
from ....models import Fill, FillStatus, Holder, Order, OrderStatus, Shipment, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._fills import ASK, ask, fills, shipped_today, tell_delayed, the_fill
from .._parcels import owed
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope

_THERE = (OrderStatus.AT_PHARMACY, OrderStatus.SHIPPED, OrderStatus.MANUAL_INTERVENTION)


def find(scope: Scope) -> Select[Any]:
    """No parcel of that fill is followed. A fill that has its number already is followed in a moment."""
    followed = exists().where(
        Shipment.order_id == Order.id, or_(Shipment.fill_id == Fill.id, Shipment.fill_id.is_(None))
    )
    return fills(scope, (FillStatus.SHIPPED,), left=Fill.status_since).where(
        Order.status.in_(_THERE), ~followed, owed()
    )


def says(details: Details, now: datetime) -> str:
    return f"It left {details['pharmacy_name']} {ago(details, 'left', now)} ago, and no parcel of it is followed."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    fill = Fill.require(stuck.details["fill"])
    number = "It told a number" if fill.tracking_number else "It told no number"
    return [the_fill(stuck, "Shipped"), Evidence("Tracking", f"{number}.", fill.url), shipped_today(stuck)]


def offers(stuck: Stuck) -> Sequence[Offer]:
    does = "What stands on its label, as the pharmacy says on the telephone."
    record = Offer("shipments.record", str(stuck.order_id), "Write down its number", does, within=False)
    return [ask(stuck), record, tell_delayed(stuck)]


RULE = Rule(
    code="SHP.NO_TRACKING",
    title="Left, and nobody knows with which number",
    rank=Rank.MISSING,
    stage=Stage.PARCEL,
    team=Team.OPS,
    ball=Holder.PHARMACY,
    limit=Limit(timedelta(hours=2), timedelta(hours=24)),
    find=find,
    says=says,
    evidence=evidence,
    suggests=ASK,
    offers=offers,
    recipe=(
        Look("Whether the pharmacy told numbers of others today.", "/orders/{order}"),
        Do("The pharmacy is asked: mostly the number comes with its answer."),
        Ask(
            "told",
            "Did the pharmacy tell a number?",
            {"yes": "Yes, on the telephone", "no": "No"},
            leads={"yes": "shipments.record"},
        ),
        Check("Its parcel is followed. Only then the customer is told a number."),
    ),
    heals=timedelta(hours=12),
    cases=frozenset(("parcel_not_followed",)),
)
