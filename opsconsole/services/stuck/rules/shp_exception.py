"""SHP.EXCEPTION: the carrier met with trouble, or nobody took the parcel in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select

from ....lib.business_time import Limit
from ....models import Holder, Shipment, ShipmentStatus, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._fills import ask, tell_delayed
from .._parcels import give_up, others_of_carrier, parcels, refund, replace, the_parcel
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope

_S = ShipmentStatus


def find(scope: Scope) -> Select[Any]:
    return parcels(
        scope, (_S.EXCEPTION, _S.ATTEMPTED), stands=Shipment.status, code=Shipment.exception_code,
        told=Shipment.status_since, lost=Shipment.lost_at.is_not(None),
    )  # fmt: skip


def says(details: Details, now: datetime) -> str:
    since = ago(details, "told", now)
    if details["stands"] == _S.ATTEMPTED:
        return f"{details['carrier']} tried to deliver it {since} ago, and nobody took it in."
    if details["lost"]:
        return f"It was given up as lost {since} ago, and nothing was sent instead."
    code = f" ({details['code'].replace('_', ' ')})" if details["code"] else ""
    return f"{details['carrier']} met with trouble{code} {since} ago, and nothing has come since."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    shipment = Shipment.require(stuck.details["parcel"])
    return [the_parcel(stuck, shipment.state.help), others_of_carrier(stuck)]


def offers(stuck: Stuck) -> Sequence[Offer]:
    if stuck.details["lost"]:
        again = replace(stuck, "lost_in_transit", "Replace it", "The same again, for nothing.")
        return [again, refund(stuck), tell_delayed(stuck)]
    return [tell_delayed(stuck), ask(stuck), give_up(stuck, "The carrier cannot deliver it")]


RULE = Rule(
    code="SHP.EXCEPTION",
    title="Something went wrong on its way",
    rank=Rank.EXCEPTION,
    stage=Stage.PARCEL,
    team=Team.SUPPORT,
    ball=Holder.CARRIER,
    limit=Limit(timedelta(0), timedelta(hours=48)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Tell the customer, or replace it",
    offers=offers,
    recipe=(
        Look("The carrier's last words, and the address.", "/orders/{order}"),
        Ask(
            "next",
            "What does the carrier need?",
            {"again": "It tries again", "customer": "The customer has to do something", "lost": "It is lost"},
            leads={"customer": "messages.send", "lost": "shipments.mark_lost"},
        ),
        Do("The customer is told; what is lost is sent again."),
        Check("It moves, or it was replaced or refunded."),
    ),
    heals=timedelta(days=1),
    cases=frozenset(("parcel_exception",)),
)
