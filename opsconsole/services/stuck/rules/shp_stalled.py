"""SHP.STALLED: a parcel is under way, and the carrier scans it no more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, func, literal

from ....lib.business_time import Limit
from ....models import Holder, Shipment, ShipmentStatus, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._fills import ASK, ask, tell_delayed
from .._parcels import between_scans, give_up, others_of_carrier, parcels, the_parcel
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope

_S = ShipmentStatus


def find(scope: Scope) -> Select[Any]:
    """What waits at a counter waits for the customer."""
    since = func.coalesce(Shipment.last_scan_at, Shipment.labelled_at)
    fetched = (Shipment.status == _S.PICKUP_READY, literal(Holder.PATIENT.value))
    return parcels(
        scope, (_S.IN_TRANSIT, _S.OUT_FOR_DELIVERY, _S.PICKUP_READY, _S.UNKNOWN), since=since,
        ball=case(fetched, else_=literal(Holder.CARRIER.value)), fires=since + between_scans(),
        breaches=since + 2 * between_scans(), scanned=since, stands=Shipment.status,
    )  # fmt: skip


def says(details: Details, now: datetime) -> str:
    if details["stands"] == _S.PICKUP_READY:
        return f"It has waited for {ago(details, 'scanned', now)} where the customer has to fetch it."
    return f"{details['carrier']} has not scanned it for {ago(details, 'scanned', now)}."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    stands = stuck.details["stands"].replace("_", " ").capitalize()
    return [
        the_parcel(stuck, f"{stands}, last scanned {stuck.details['scanned'][:10]}"),
        others_of_carrier(stuck),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    return [ask(stuck), give_up(stuck, "The carrier does not find it"), tell_delayed(stuck)]


RULE = Rule(
    code="SHP.STALLED",
    title="The parcel does not move",
    rank=Rank.MISSING,
    stage=Stage.PARCEL,
    team=Team.OPS,
    ball=Holder.CARRIER,
    limit=Limit(timedelta(days=3), timedelta(days=6)),
    find=find,
    says=says,
    evidence=evidence,
    suggests=ASK,
    offers=offers,
    recipe=(
        Look("Its scans: where was it last, and do others of the carrier move?", "/orders/{order}"),
        Do("The carrier's record is read anew: a scan that we missed comes in."),
        Ask(
            "traced",
            "What does the carrier say?",
            {"moves": "It moves again", "waits": "It looks for it", "lost": "It does not find it"},
            leads={"lost": "shipments.mark_lost"},
        ),
        Check("The carrier has scanned it again, or it was given up and is sent once more."),
    ),
    heals=timedelta(days=2),
    cases=frozenset(("parcel_late",)),
)
