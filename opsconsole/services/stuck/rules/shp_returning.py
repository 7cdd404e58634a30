"""SHP.RETURNING: a parcel goes back, or came back, and nobody settled it with the customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, or_

from ....lib.business_time import Limit
from ....models import Case, CaseStatus, Holder, Order, Shipment, ShipmentStatus, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._parcels import parcels, refund, replace, the_parcel
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope

_S = ShipmentStatus
CASES = frozenset(("parcel_exception", "parcel_came_back", "returned_to_sender"))


def find(scope: Scope) -> Select[Any]:
    """Until it was sent again, the money went back, or somebody has written down why neither is owed."""
    settled = exists().where(
        or_(Case.subject_id == Shipment.id, Case.subject_id == Order.id),
        Case.reason.in_((*CASES, "SHP.RETURNING")),
        Case.status == CaseStatus.RESOLVED, Case.outcome == "dismissed", Case.created_at >= Shipment.status_since,
    )  # fmt: skip
    rows = parcels(
        scope, (_S.RETURNING, _S.RETURNED), vendor=None, stands=Shipment.status, told=Shipment.status_since
    )
    return rows.where(~settled)


def says(details: Details, now: datetime) -> str:
    since = ago(details, "told", now)
    where = "It came back" if details["stands"] == _S.RETURNED else "It turned back"
    return f"{where} {since} ago, and nothing was sent or given back instead."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    order = Order.require(str(stuck.order_id))
    shipment = Shipment.require(stuck.details["parcel"])
    return [the_parcel(stuck, shipment.state.help), Evidence("Address", order.address.help, order.url)]


def offers(stuck: Stuck) -> Sequence[Offer]:
    does = "The same again for nothing, once the customer has confirmed where to. Medicine that came back is destroyed."
    return [replace(stuck, "returned_to_sender", "Replace it", does), refund(stuck)]


RULE = Rule(
    code="SHP.RETURNING",
    title="It went back",
    rank=Rank.EXCEPTION,
    stage=Stage.PARCEL,
    team=Team.SUPPORT,
    ball=Holder.US,
    limit=Limit(timedelta(0), timedelta(hours=72)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Replace it",
    offers=offers,
    recipe=(
        Look("Why it went back: mostly the address, or nobody took it in.", "/orders/{order}"),
        Ask(
            "address",
            "Where does the customer want it?",
            {
                "same": "At the same address",
                "other": "Elsewhere: write it down with the replacement",
                "no": "Not any more",
            },
            leads={"no": "refunds.issue"},
        ),
        Do("The same is sent again for nothing. What came back is never sent again."),
        Check("A replacement is on its way, or the money went back."),
    ),
    cases=CASES,
)
