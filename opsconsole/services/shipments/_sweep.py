"""Finding what moved and was not told: once a night the vendor's list of parcels against ours."""

from __future__ import annotations

from datetime import datetime, timedelta

from ... import vendors
from ...models import Shipment, Sweep, SweepStatus
from ...vendors.tracking import TrackerPage
from .._act import act, performing, say
from .._actor import Actor
from ..outbox import keeper, promise
from ._settle import taken_in

SOURCE = "easypost"


@act(robots=("worker",))
def fill(sweep_id: str, *, facts: TrackerPage, fetched_at: datetime, by: Actor) -> Sweep:
    """Take in a page of parcels that moved."""
    swept = Sweep.lock(sweep_id)
    missed = 0
    for tracker in facts.items:
        ours = Shipment.by_external(tracker.id)
        if ours and any(_behind(one, tracker.updated_at) for one in ours):
            missed += 1
            taken_in(tracker.id, tracker, fetched_at)
    swept.seen += len(facts.items)
    swept.missed += missed
    if facts.next:
        _read_page(swept, after=facts.next)
    else:
        swept.move_to(SweepStatus.DONE)
    say(
        f"Read {len(facts.items)} parcels of EasyPost's, {missed} of which had moved without our hearing of it"
    )
    return swept


def _behind(shipment: Shipment, updated_at: datetime | None) -> bool:
    return shipment.fetched_at is None or updated_at is None or shipment.fetched_at < updated_at


_list = keeper("shipments.list", call="tracking.updated", then=fill, changes=False)


@act(robots=("clock",))
def sweep_nightly(*, by: Actor) -> Sweep | None:
    """Read what moved since the last time, 30 days back at most."""
    if not vendors.connected("tracking"):
        say("Nothing is connected that follows parcels")
        return None
    since = Sweep.next_since(SOURCE, performing().now)
    begun = Sweep(status=SweepStatus.RUNNING, source=SOURCE, since=since, created_at=performing().now).add()
    _read_page(begun, after=None)
    say(f"Asked EasyPost which parcels moved since {since:%d %b %Y, %H:%M}")
    return begun


def _read_page(swept: Sweep, *, after: str | None) -> None:
    promise(
        _list,
        swept,
        lane=f"{SOURCE}:parcels",
        says=f"EasyPost lists the parcels that moved since {swept.since:%d %b %Y, %H:%M}",
        arguments={"since": int(swept.since.timestamp()), "after": after},
        due_in=timedelta(0),
    )
