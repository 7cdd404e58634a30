"""SHP.NO_SCAN: a parcel has its label, and the carrier has not scanned it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select

from ....lib.business_time import Limit
from ....models import Holder, Shipment, ShipmentStatus, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._fills import ASK, ask, tell_delayed
from .._parcels import give_up, others_of_carrier, parcels, the_parcel
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope


def find(scope: Scope) -> Select[Any]:
    since = Shipment.labelled_at
    return parcels(scope, (ShipmentStatus.LABEL_CREATED,), since=since, labelled=since).where(
        Shipment.last_scan_at.is_(None)
    )


def says(details: Details, now: datetime) -> str:
    return f"Its label was made {ago(details, 'labelled', now)} ago, and {details['carrier']} has not scanned it."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    return [the_parcel(stuck, "It has a label, and no scan"), others_of_carrier(stuck)]


def offers(stuck: Stuck) -> Sequence[Offer]:
    return [ask(stuck), tell_delayed(stuck), give_up(stuck, "The carrier never scanned it")]


RULE = Rule(
    code="SHP.NO_SCAN",
    title="The carrier has not scanned it",
    rank=Rank.MISSING,
    stage=Stage.PARCEL,
    team=Team.OPS,
    ball=Holder.CARRIER,
    limit=Limit(timedelta(hours=48), timedelta(hours=96)),
    find=find,
    says=says,
    evidence=evidence,
    suggests=ASK,
    offers=offers,
    recipe=(
        Look("Whether the carrier scans others of that pharmacy.", "/orders/{order}"),
        Do("Both are asked: a scan that we missed comes in."),
        Ask(
            "handed",
            "Did the pharmacy hand it over?",
            {
                "yes": "Yes: wait for its first scan",
                "no": "No, it is there still",
                "gone": "It cannot be found",
            },
            leads={"gone": "shipments.mark_lost"},
        ),
        Check("The carrier has scanned it."),
    ),
    heals=timedelta(days=2),
    cases=frozenset(("parcel_late",)),
)
