"""Noticing what nobody tells: a parcel that does not move, or not fast enough. One case each, closed when it moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import select

from ...db import db, instant
from ...lib.calendar import over, working_days_later
from ...models import MOVING, Order, Shipment, ShipmentStatus
from .. import cases
from .._act import act, performing, say
from .._actor import Actor
from ._thresholds import patience, week

_S = ShipmentStatus
CASE = "parcel_late"
WORDS = {
    "not_scanned": "The label was made {since:%d %b %Y} and {carrier} has not scanned the parcel yet. Ask the pharmacy "
    "whether it was handed over.",
    "no_movement": "{carrier} has not scanned the parcel since {since:%d %b %Y}. Ask the carrier, or mark it lost and "
    "replace it.",
    "too_long": "The parcel has been on its way since {since:%d %b %Y}. Ask the carrier, or mark it lost and replace it.",
    "past_promise": "{carrier} promised the parcel for {promised:%d %b %Y}. Tell the customer that it is delayed.",
}


@dataclass(frozen=True)
class Thresholds:
    """What is to be noticed of a parcel, and when: (instant, code), the soonest first."""

    ahead: Sequence[tuple[datetime, str]]

    def passed(self, now: datetime) -> str | None:
        """The last one that has passed."""
        return next((code for at, code in reversed(self.ahead) if at <= now), None)

    def next(self, now: datetime) -> datetime | None:
        return next((at for at, _ in self.ahead if at > now), None)


def thresholds(shipment: Shipment) -> Thresholds:
    """Of a parcel as it stands: none once it arrived, went wrong or goes back."""
    allowed, days = patience(shipment.carrier, shipment.service), week(shipment.carrier)
    later = partial(working_days_later, saturdays=days.saturdays, holidays=days.holidays)
    found: list[tuple[datetime, str]] = []
    if shipment.status == _S.LABEL_CREATED:
        found.append((later(shipment.labelled_at, allowed.first_scan), "not_scanned"))
    elif shipment.status in MOVING - {_S.EXCEPTION}:
        found.append(
            (later(shipment.last_scan_at or shipment.labelled_at, allowed.between_scans), "no_movement")
        )
        found.append((later(shipment.labelled_at, allowed.in_all), "too_long"))
    if found and shipment.promised_on:
        found.append((over(shipment.promised_on), "past_promise"))
    return Thresholds(sorted(found))


def judge(shipment: Shipment, now: datetime) -> None:
    """Say of a parcel whether it is late, and open or close its case. Its lock is taken before."""
    ahead = thresholds(shipment)
    code = ahead.passed(now)
    shipment.watch_at = ahead.next(now)
    if shipment.late != code:
        shipment.late = code
    if code is None:
        cases.close_when_solved(CASE, shipment.id, "the parcel moves")
        return
    since = shipment.last_scan_at if code == "no_movement" else shipment.labelled_at
    says = WORDS[code].format(
        carrier=shipment.carrier, since=since or shipment.labelled_at, promised=shipment.promised_on
    )
    suggests = {"act": "shipments.mark_lost", "url": f"{shipment.url}/mark_lost", "label": "Mark it lost"}
    cases.open_case(CASE, shipment.id, says=says, suggests=suggests, about=shipment.related())


def overdue(limit: int = 200) -> list[str]:
    """Parcels of which a threshold has passed that nobody looked at."""
    query = select(Shipment.id).where(Shipment.watch_at <= instant())
    return list(db.session.scalars(query.order_by(Shipment.watch_at).limit(limit)))


@act(robots=("clock",))
def watch(shipment_id: str, *, by: Actor) -> Shipment:
    """A threshold has passed: a case for the parcel, unless it has moved since."""
    Order.lock(Shipment.require(shipment_id).order_id)
    shipment = Shipment.lock(shipment_id)
    judge(shipment, performing().now)
    say(
        f"The parcel is late: {shipment.late.replace('_', ' ')}" if shipment.late else "The parcel is in time"
    )
    return shipment
