"""SHP.NOT_RECEIVED: the carrier says that it arrived, and the customer that it did not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from ....db import db
from ....lib.business_time import Limit
from ....models import Holder, Replacement, Shipment, ShipmentStatus, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._parcels import parcels, refund, replace, the_parcel
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope

_NEVER_CAME = ("delivered_not_received", "lost_in_transit")


def find(scope: Scope) -> Select[Any]:
    """Until it was sent again, the money went back, or it turned up."""
    since = Shipment.missing_at
    rows = parcels(
        scope,
        (ShipmentStatus.DELIVERED,),
        since=since,
        vendor=None,
        reported=since,
        arrived=Shipment.delivered_at,
    )
    return rows.where(Shipment.missing_at.is_not(None))


def says(details: Details, now: datetime) -> str:
    since = ago(details, "reported", now)
    return f"{details['carrier']} says that it arrived; the customer told us {since} ago that it did not."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    shipment = Shipment.require(stuck.details["parcel"])
    arrived = (
        f"Delivered {shipment.delivered_at:%-d %b %Y, %H:%M} UTC" if shipment.delivered_at else "Delivered"
    )
    before = db.session.scalar(
        select(func.count()).where(
            Replacement.customer_id == stuck.customer_id, Replacement.reason.in_(_NEVER_CAME)
        )
    )
    words = f"{before} before of this customer" if before else "None before of this customer"
    customer = f"/replacements?customer={stuck.customer_id}"
    return [the_parcel(stuck, arrived), Evidence("Parcels that never came", words, customer)]


def offers(stuck: Stuck) -> Sequence[Offer]:
    does = "The same again, for nothing. Over what the policy gives freely a second person agrees."
    turned_up = Offer(
        "shipments.turned_up", stuck.details["parcel"], "It turned up", "The customer has it after all."
    )
    return [replace(stuck, "delivered_not_received", "Replace it", does), refund(stuck), turned_up]


RULE = Rule(
    code="SHP.NOT_RECEIVED",
    title="Delivered, and not received",
    rank=Rank.EXCEPTION,
    stage=Stage.PARCEL,
    team=Team.SUPPORT,
    ball=Holder.US,
    limit=Limit(timedelta(0), timedelta(hours=24), business=True),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Replace it",
    offers=offers,
    recipe=(
        Look("The proof of delivery: the last scans, with time and place.", "/orders/{order}"),
        Ask(
            "looked",
            "Has the customer looked at the door, with neighbours and with whoever lives there?",
            {"there": "It was there", "not_there": "It is nowhere", "not_asked": "Not asked yet"},
            leads={"there": "shipments.turned_up", "not_there": "replacements.issue"},
        ),
        Do("The same is sent again. How many a customer gets freely is the policy's."),
        Check("A replacement is on its way, the money went back, or it turned up."),
    ),
)
