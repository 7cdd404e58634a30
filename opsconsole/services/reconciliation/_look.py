"""Comparing what was read with what we hold, bringing stale copies up to date where that is wanted, writing it down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from ...db import db
from ...models import Drift, DriftStatus, Fill, Order, ReconciliationRun, Shipment
from ...vendors.pharmacy import FillFacts
from ...vendors.tracking import TrackerFacts
from .. import fills, shipments
from .._actor import robot
from ._compare_fills import of_fill
from ._compare_parcels import PORT, of_parcel
from ._compare_strays import of_stray
from ._finding import Finding, Held
from ._held import Named, by_tracker, fills_of, parcels_of, scans_of, told_soon
from ._kinds import OF_FILLS, OF_PARCELS, OF_STRAYS, Repair
from ._record import close_unseen, write


def at_fills(
    run: ReconciliationRun, port: str, facts: Mapping[str, FillFacts | None], fetched_at: datetime
) -> None:
    """Compare fills that were fetched one by one, ours and such as only they have."""
    held = fills_of(port, facts)
    soon = told_soon(port, facts)
    ours = [id for id, one in held.items() if id not in soon and not _newer(one.fill, fetched_at)]
    for id in sorted(ours, key=lambda id: (held[id].fill.customer_id, id)):
        _at_fill(run, port, held[id], facts[id], fetched_at)
    strays = [one for id, one in facts.items() if one and id not in held]
    at_strays(run, port, strays, fetched_at)
    gone = [f"{port}:{id}" for id, one in facts.items() if one is None or id in held]
    close_unseen(run, OF_STRAYS, (), subjects=gone)


def _at_fill(
    run: ReconciliationRun, port: str, held: Held, facts: FillFacts | None, fetched_at: datetime
) -> None:
    found = of_fill(held, facts, port)
    left = found
    if run.fix and facts and any(one.automatic for one in found):
        _take_in(port, facts, fetched_at)
        left = of_fill(_again(held), facts, port)
        if any(one.kind == "parcel_missing_here" for one in left):
            shipments.of_fill(held.order, held.fill)
            left = of_fill(_again(held), facts, port)
    keys = {one.key for one in left}
    repaired = [one for one in found if one.key not in keys]
    write(run, left, repaired)
    close_unseen(run, OF_FILLS, left, fills=[held.fill.id])


def _newer(ours: Fill | Shipment, fetched_at: datetime) -> bool:
    """Has news that came after this was read been taken in already? Then this is old."""
    return ours.fetched_at is not None and ours.fetched_at > fetched_at


def _again(held: Held) -> Held:
    """The same, as it stands now: whatever was settled has locked and read them anew."""
    return Held(held.fill, held.order, tuple(parcels_of([held.order.id])[held.order.id]))


def _take_in(port: str, facts: FillFacts, fetched_at: datetime) -> None:
    """What they say settles the fill exactly as it does when their webhook says so."""
    fills.settle(facts.id, facts=facts, fetched_at=fetched_at, by=robot(port))


def at_strays(run: ReconciliationRun, port: str, strays: Sequence[FillFacts], fetched_at: datetime) -> None:
    """Compare fills there that are the number of none of ours."""
    named = Named(strays)
    for facts in strays:
        fill, order = named.fill(facts), named.order(facts)
        found = of_stray(
            port, facts, named=fill, order=order, of_order=named.of_order(order), asking=named.asking(fill)
        )
        if run.fix and any(one.automatic for one in found):
            _take_in(port, facts, fetched_at)
            write(run, (), found)
        else:
            write(run, found)
        close_unseen(run, OF_STRAYS, found, subjects=[f"{port}:{facts.id}"])


def at_parcels(
    run: ReconciliationRun, facts: Mapping[str, TrackerFacts | None], fetched_at: datetime
) -> None:
    """Compare parcels that were fetched one by one."""
    held = by_tracker(facts)
    soon = told_soon(PORT, facts)
    parcels = [shipment for pairs in held.values() for shipment, _ in pairs]
    known, of_order = scans_of(parcels), parcels_of({one.order_id for one in parcels})
    for id, pairs in held.items():
        if id in soon or any(_newer(shipment, fetched_at) for shipment, _ in pairs):
            continue
        fact, found = facts[id], list[Finding]()
        for shipment, order in held[id]:
            found += of_parcel(shipment, order, of_order[order.id], known[shipment.id], fact)
        left = _mended_parcels(run, id, held[id], fact, found, fetched_at)
        keys = {one.key for one in left}
        write(run, left, [one for one in found if one.key not in keys])
        close_unseen(run, OF_PARCELS, left, shipments=[shipment.id for shipment, _ in held[id]])


def _mended_parcels(
    run: ReconciliationRun, tracker: str, pairs: Sequence[tuple[Shipment, Order]], facts: TrackerFacts | None,
    found: list[Finding], fetched_at: datetime,
) -> list[Finding]:  # fmt: skip
    """What is still different after our copies were brought up to date."""
    if not run.fix or not found:
        return found
    for one in found:
        if one.repair is Repair.FOLLOW and one.shipment and one.order:
            follow_anew(one.shipment.id)
    if facts and any(one.repair is Repair.TAKE_IN for one in found):
        shipments.settle(tracker, facts=facts, fetched_at=fetched_at, by=robot("easypost"))
    known, of_order = (
        scans_of([shipment for shipment, _ in pairs]),
        parcels_of({order.id for _, order in pairs}),
    )
    return [
        finding
        for shipment, order in pairs
        if shipment.external_id  # else it is being followed anew
        for finding in of_parcel(shipment, order, of_order[order.id], known[shipment.id], facts)
    ]


def follow_anew(shipment_id: str) -> None:
    """Have a parcel followed as if nobody had asked for it yet."""
    Order.lock(Shipment.require(shipment_id).order_id)
    shipment = Shipment.lock(shipment_id)
    shipment.external_id = None
    shipments.ask_to_follow(shipment)


def strays_open(run: ReconciliationRun, port: str, limit: int) -> list[str]:
    """The numbers of fills of theirs about which something is open and which this run has not seen yet."""
    query = select(Drift.external_id).where(
        Drift.port == port,
        Drift.status == DriftStatus.OPEN,
        Drift.kind.in_(OF_STRAYS),
        Drift.subject.startswith(f"{port}:"),
        Drift.last_seen_at < run.created_at,
    )
    if run.order_id:
        query = query.where(Drift.order_id == run.order_id)
    return [id for id in db.session.scalars(query.order_by(Drift.id).limit(limit)) if id]
