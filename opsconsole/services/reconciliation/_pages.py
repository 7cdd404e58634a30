"""Comparing, step two: a worker reads a page from the outside, what differs is written down, the next is promised.

A list only confirms: what it does not show as it is here is fetched by itself, and only what was fetched accuses. Each
port is read by one call at a time. One that asks us to slow down, or does not answer, is asked again later from the same
place, as every promise is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ... import vendors
from ...models import Fill, Order, ReconciliationRun, Shipment
from ...models.reconciliation_run import AGAIN, ENDED, FETCH, LIST
from ...vendors import Fetched
from ...vendors.pharmacy import FillFacts, FillPage
from ...vendors.tracking import TrackerFacts, TrackerPage
from .._act import act, say
from .._actor import Actor
from ..outbox import keeper, promise
from . import _billing, _compare_billing
from ._compare_fills import of_fill
from ._compare_parcels import PORT, of_parcel
from ._finish import finish
from ._held import (
    by_tracker,
    confirm,
    fills_left,
    fills_of,
    parcels_left,
    parcels_of,
    scans_of,
    told_soon,
)
from ._kinds import OF_FILLS, OF_PARCELS
from ._look import at_fills, at_parcels, at_strays, strays_open
from ._record import close_unseen

AT_ONCE = 20  # things that one promise fetches, one after the other


@act(robots=("worker",))
def listed(run_id: str, *, facts: FillPage, fetched_at: datetime, by: Actor) -> ReconciliationRun:
    """Take in a page of a pharmacy's fills: what is the same is confirmed, what only they have is found."""
    run, port = ReconciliationRun.lock(run_id), f"pharmacy-{facts.of}"
    if run.final:
        return _late(run)
    theirs = {str(one.id): one for one in facts.items}
    held, soon = fills_of(port, theirs), told_soon(port, theirs)
    same = [one.fill.id for id, one in held.items() if id not in soon and not of_fill(one, theirs[id], port)]
    at_strays(run, port, [one for id, one in theirs.items() if id not in held and id not in soon], fetched_at)
    if same:
        close_unseen(run, OF_FILLS, (), fills=same)
    confirm(Fill, same, fetched_at)
    say(
        f"Compared {len(theirs)} fills that {vendors.name_of(port)} listed, {len(same)} of them the same here"
    )
    return _on(run, port, LIST if facts.next else AGAIN, facts.next, len(theirs))


@act(robots=("worker",))
def fetched(run_id: str, *, facts: Fetched[FillFacts], fetched_at: datetime, by: Actor) -> ReconciliationRun:
    """Take in fills that were fetched one by one."""
    run, port = ReconciliationRun.lock(run_id), f"pharmacy-{facts.of}"
    if run.final:
        return _late(run)
    part = run.part(port)
    ours = [held.fill.id for held in fills_of(port, facts.items).values()]
    at_fills(run, port, facts.items, fetched_at)
    say(f"Compared {len(facts.items)} fills with {vendors.name_of(port)}, one by one")
    return _on(
        run, port, part.step, max([*ours, part.after or ""]) if part.step == FETCH else None, len(facts.items)
    )


@act(robots=("worker",))
def moved(run_id: str, *, facts: TrackerPage, fetched_at: datetime, by: Actor) -> ReconciliationRun:
    """Take in a page of parcels that moved: what is the same is confirmed."""
    run = ReconciliationRun.lock(run_id)
    if run.final:
        return _late(run)
    theirs = {one.id: one for one in facts.items}
    same = _same_parcels(theirs)
    if same:
        close_unseen(run, OF_PARCELS, (), shipments=same)
    confirm(Shipment, same, fetched_at)
    say(f"Compared {len(theirs)} parcels that moved, {len(same)} of them the same here")
    return _on(run, PORT, LIST if facts.next else FETCH, facts.next, len(theirs))


@act(robots=("worker",))
def tracked(
    run_id: str, *, facts: Fetched[TrackerFacts], fetched_at: datetime, by: Actor
) -> ReconciliationRun:
    """Take in parcels that were fetched one by one."""
    run = ReconciliationRun.lock(run_id)
    if run.final:
        return _late(run)
    before = run.part(PORT).after or ""
    asked = [[one.id for one, _ in pairs if one.id > before] for pairs in by_tracker(facts.items).values()]
    at_parcels(run, facts.items, fetched_at)
    say(f"Compared {len(facts.items)} parcels with {vendors.name_of('easypost')}, one by one")
    return _on(run, PORT, FETCH, max([before, *(min(ids) for ids in asked if ids)]), len(facts.items))


def _same_parcels(theirs: Mapping[str, TrackerFacts]) -> list[str]:
    held, soon = by_tracker(theirs), told_soon(PORT, theirs)
    pairs = [(id, *pair) for id, found in held.items() if id not in soon for pair in found]
    known = scans_of(shipment for _, shipment, _ in pairs)
    of_order = parcels_of({order.id for _, _, order in pairs})
    return [
        shipment.id
        for id, shipment, order in pairs
        if not of_parcel(shipment, order, of_order[order.id], known[shipment.id], theirs[id])
    ]


def _late(run: ReconciliationRun) -> ReconciliationRun:
    say("It is over: nobody waits for this any more")
    return run


_list = keeper("reconciliation.list", call="pharmacy.fills", then=listed, changes=False)
_fetch = keeper("reconciliation.fetch", call="pharmacy.fetch_fills", then=fetched, changes=False)
_moved = keeper("reconciliation.moved", call="tracking.updated", then=moved, changes=False)
_track = keeper("reconciliation.track", call="tracking.fetch_each", then=tracked, changes=False)


def _on(run: ReconciliationRun, port: str, step: str, after: str | None, looked: int) -> ReconciliationRun:
    run.advance(port, step=step, after=after, looked=looked)
    go_on(run, port)
    return run


def go_on(run: ReconciliationRun, port: str) -> None:
    """Promise what is to be read next of this port; when nothing is left of any, the run ends."""
    if port == _compare_billing.PORT:
        _billing.read_on(run)
        return
    part, name = run.part(port), vendors.name_of("easypost" if port == PORT else port)
    if part.step == LIST:
        since = f"{name} lists {'its parcels that moved' if port == PORT else 'its fills'} since {run.since:%d %b %Y}"
        _promise(run, port, _moved if port == PORT else _list, since, _asked(run, port, part.after))
        return
    if part.step == AGAIN:
        if ids := strays_open(run, port, AT_ONCE):
            _promise(
                run, port, _fetch, f"{name} is asked about {len(ids)} fills that only it has", {"ids": ids}
            )
            return
        run.advance(port, step=FETCH, after=None, looked=0)
    ids = _left(run, port)
    if ids:
        what = "parcels" if port == PORT else "fills"
        _promise(
            run,
            port,
            _track if port == PORT else _fetch,
            f"{name} is asked about {len(ids)} {what}",
            {"ids": ids},
        )
    elif run.advance(port, step=ENDED, after=None, looked=0):
        finish(run)


def _left(run: ReconciliationRun, port: str) -> list[str]:
    after = run.part(port).after
    return parcels_left(run, after, AT_ONCE) if port == PORT else fills_left(run, port, after, AT_ONCE)


def _asked(run: ReconciliationRun, port: str, after: str | None) -> dict[str, Any]:
    asked: dict[str, Any] = {"since": int(run.since.timestamp()), "after": after}
    if run.order_id and port != PORT:
        asked["order"] = Order.require(run.order_id).reference
    return asked


def _promise(run: ReconciliationRun, port: str, what: Any, says: str, arguments: dict[str, Any]) -> None:
    promise(what, run, lane=f"{port}:compare", says=says, arguments=arguments, due_in=timedelta(0), port=port)
