"""Wishes to stop an order in its parcel lane: a pharmacy's answer is awaited, or a carrier was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ...models import Holder, Intercept, InterceptStatus, Order
from ._lane import Lane, Look, Point, joined
from ._parcels import Parcel
from ._stop import asked_to_stop

STOPPING = "stopping"
_USUALLY = timedelta(hours=24)  # within which a pharmacy says whether it stops
_I = InterceptStatus
_ENDS = {
    _I.CONFIRMED: ("took the wish to stop it", "info", "half"),
    _I.REFUSED: ("will not stop it", "bad", "cross"),
    _I.STOPPED: ("caught it", "good", "circle"),
    _I.DELIVERED: ("delivered it all the same", "bad", "cross"),
}


def with_wishes(lane: Lane, order: Order, sent: Sequence[Parcel]) -> Lane:
    """The parcel lane with what was asked: one statement while a pharmacy has the order, one when it has parcels."""
    if since := asked_to_stop(order):
        lane = _awaited(lane, since)
    asked = Intercept.of_order(order.id) if sent else []
    if not asked:
        return lane
    points = [*lane.points, *(point for one in asked for point in _points(one))]
    return replace(lane, points=sorted(points, key=lambda point: point.at))


def _awaited(lane: Lane, since: datetime) -> Lane:
    last = lane.current
    since = max(last.since, since)
    wait = replace(
        last, state=STOPPING, since=since, says="The pharmacy was asked to stop", tone="warn", look=Look.WAIT,
        holder=Holder.PHARMACY, due=since + _USUALLY,
    )  # fmt: skip
    return replace(lane, spans=joined([*lane.spans[:-1], replace(last, until=since), wait]))


def _points(one: Intercept) -> list[Point]:
    asked = Point("intercept", one.created_at, f"{one.by} wants {one.carrier} to stop it", "warn", "triangle")
    told = _ENDS.get(_I(one.status))
    if told is None:
        return [asked]
    words, tone, shape = told
    return [asked, Point(f"intercept_{one.status}", one.status_since, f"{one.carrier} {words}", tone, shape)]
