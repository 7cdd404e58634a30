"""SHP.LATE: a parcel moves, and the day that was promised is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select

from ....lib.business_time import Limit
from ....models import Holder, Shipment, ShipmentStatus, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._fills import ask, tell_delayed
from .._parcels import day_over, give_up, others_of_carrier, parcels, the_parcel
from .._recipe import Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope

_S = ShipmentStatus
MOVES = (_S.LABEL_CREATED, _S.IN_TRANSIT, _S.OUT_FOR_DELIVERY, _S.UNKNOWN)


def find(scope: Scope) -> Select[Any]:
    """Behind whatever says that it does not move: that is why it is late."""
    over = day_over(Shipment.promised_on)
    return parcels(scope, MOVES, since=over, promised=over).where(Shipment.promised_on.is_not(None))


def says(details: Details, now: datetime) -> str:
    since = ago(details, "promised", now)
    return f"{details['carrier']} promised it for a day that was over {since} ago, and it is under way."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    shipment = Shipment.require(stuck.details["parcel"])
    stands = shipment.state.value.replace("_", " ").capitalize()
    return [
        the_parcel(stuck, f"{stands}, promised for {shipment.promised_on:%-d %b %Y}"),
        others_of_carrier(stuck),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    return [tell_delayed(stuck), ask(stuck), give_up(stuck, "The carrier does not find it")]


RULE = Rule(
    code="SHP.LATE",
    title="Later than was promised",
    rank=Rank.WAITING,
    stage=Stage.PARCEL,
    team=Team.SUPPORT,
    ball=Holder.CARRIER,
    limit=Limit(timedelta(0), timedelta(days=3)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Tell the customer",
    offers=offers,
    recipe=(
        Look("Where it was scanned last.", "/orders/{order}"),
        Do("The customer is told before they ask."),
        Check("It arrives."),
    ),
    heals=timedelta(days=3),
    cases=frozenset(("parcel_late",)),
)
