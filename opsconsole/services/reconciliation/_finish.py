"""Comparing, step three: what no list and no fetch can tell, and the end."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, select

from ... import vendors
from ...db import db
from ...models import (
    Drift,
    DriftStatus,
    Fill,
    Order,
    OrderStatus,
    Promise,
    PromiseStatus,
    ReconciliationRun,
    RunStatus,
    Shipment,
    ShipmentStatus,
)
from .._act import performing
from ._compare_parcels import PORT, not_followed
from ._finding import OVER, Finding, words
from ._held import in_scope
from ._kinds import OF_STRAYS
from ._look import follow_anew
from ._record import end, write

AT_MOST = 500  # of each kind in one run; what is beyond comes the next night
_O = OrderStatus
_WITH_PHARMACY = (_O.SUBMITTED, _O.AT_PHARMACY, _O.SHIPPED)
_ENDS = (ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED, ShipmentStatus.VOIDED)


def finish(run: ReconciliationRun) -> None:
    """Look for orders that no pharmacy has and for parcels that nobody follows, and end the run."""
    if any(part.port.startswith("pharmacy-") for part in run.read_parts()):
        _orders_without_fill(run)
    if vendors.connected(PORT):
        _parcels_unfollowed(run)
    run.ended_at = performing().now
    run.move_to(RunStatus.DONE)


def _orders_without_fill(run: ReconciliationRun) -> None:
    """Orders that count as being with a pharmacy, for which there is no fill here and none was found there."""
    has_fill = exists().where(Fill.order_id == Order.id, Fill.status.not_in(OVER))
    has_stray = exists().where(
        Drift.order_id == Order.id, Drift.status == DriftStatus.OPEN, Drift.kind.in_(OF_STRAYS)
    )
    query = select(Order).where(Order.status.in_(_WITH_PHARMACY), ~has_fill, ~has_stray)
    if run.order_id:
        query = query.where(Order.id == run.order_id)
    orders = list(db.session.scalars(query.order_by(Order.placed_at, Order.id).limit(AT_MOST)))
    carried = _carried([order.id for order in orders])
    found = [
        Finding(
            "order_without_fill", order.id, "pharmacy", f"Order {words(order.status)}", "No fill", order=order,
            can=order.id not in carried,
        )
        for order in orders
    ]  # fmt: skip
    write(run, found)
    _close(run, found, Drift.kind == "order_without_fill")


def _carried(order_ids: Sequence[str]) -> set[str]:
    """Those of which a carrier had a parcel in its hands: somebody did make them up."""
    query = select(Shipment.order_id).where(
        Shipment.order_id.in_(order_ids), Shipment.last_scan_at.is_not(None)
    )
    return set(db.session.scalars(query))


def _parcels_unfollowed(run: ReconciliationRun) -> None:
    """Parcels that no tracker follows, and that nobody is being asked to follow."""
    asked = exists().where(
        Promise.subject_id == Shipment.id,
        Promise.kind == "shipments.follow",
        Promise.status.in_((PromiseStatus.WAITING, PromiseStatus.CLAIMED, PromiseStatus.MANUAL_INTERVENTION)),
    )
    query = (
        select(Shipment, Order)
        .join(Order, Order.id == Shipment.order_id)
        .where(Shipment.external_id.is_(None), Shipment.status.not_in(_ENDS), in_scope(Shipment, run), ~asked)
    )
    rows = db.session.execute(query.order_by(Shipment.id).limit(AT_MOST)).all()
    found = [not_followed(shipment, order, "Nobody was asked") for shipment, order in rows]
    if run.fix:
        for shipment, _ in rows:
            follow_anew(shipment.id)
        write(run, (), found)
    else:
        write(run, found)
    _close(run, found, Drift.kind == "parcel_not_followed", Drift.external_id.is_(None))


def _close(run: ReconciliationRun, found: Sequence[Finding], *of: ColumnElement[bool]) -> None:
    """What was open of these and was not seen now has come right. Where there are more than a run takes, it waits."""
    if len(found) >= AT_MOST:
        return
    seen = [finding.subject for finding in found]
    query = select(Drift).where(*of, Drift.status == DriftStatus.OPEN, Drift.subject.not_in(seen))
    if run.order_id:
        query = query.where(Drift.order_id == run.order_id)
    for drift in db.session.scalars(query.order_by(Drift.id).with_for_update()):
        end(run, drift)
