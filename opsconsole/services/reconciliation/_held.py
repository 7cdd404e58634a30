"""Reading what we hold, for a page of theirs at a time: a few statements, however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select, update

from ...db import db
from ...models import (
    EventStatus,
    Fill,
    FillStatus,
    InboxEvent,
    Order,
    OrderStatus,
    Pharmacy,
    Promise,
    PromiseStatus,
    ReconciliationRun,
    Scan,
    Shipment,
)
from ...vendors.pharmacy import FillFacts
from ._finding import Held

_O = OrderStatus
#: Orders that are not over and may have a fill or a parcel.
OPEN = (_O.READY, _O.SUBMITTED, _O.AT_PHARMACY, _O.SHIPPED, _O.ON_HOLD, _O.MANUAL_INTERVENTION)
SOURCES = {
    "tracking": "easypost",
    "billing": "stripe",
}  # what the inbox calls those whom we know by another name


def fills_of(port: str, external_ids: Iterable[str]) -> dict[str, Held]:
    """Our fills by the numbers that this pharmacy gave them."""
    query = (
        select(Fill, Order)
        .join(Pharmacy, Pharmacy.id == Fill.pharmacy_id)
        .join(Order, Order.id == Fill.order_id)
        .where(Pharmacy.adapter == port.removeprefix("pharmacy-"), Fill.external_id.in_([*external_ids]))
    )
    rows = db.session.execute(query).all()
    parcels = parcels_of({order.id for _, order in rows})
    return {str(fill.external_id): Held(fill, order, tuple(parcels[order.id])) for fill, order in rows}


def parcels_of(order_ids: Iterable[str]) -> dict[str, list[Shipment]]:
    """The parcels of many orders, oldest first."""
    found: dict[str, list[Shipment]] = {id: [] for id in order_ids}
    query = select(Shipment).where(Shipment.order_id.in_(found)).order_by(Shipment.created_at, Shipment.id)
    for shipment in db.session.scalars(query):
        found[shipment.order_id].append(shipment)
    return found


def scans_of(shipments: Iterable[Shipment]) -> dict[str, list[Scan]]:
    """What we hold of the present number of each parcel."""
    numbers = {shipment.id: shipment.tracking_code for shipment in shipments}
    found: dict[str, list[Scan]] = {id: [] for id in numbers}
    for scan in db.session.scalars(select(Scan).where(Scan.shipment_id.in_(found))):
        if scan.tracking_code == numbers[scan.shipment_id]:
            found[scan.shipment_id].append(scan)
    return found


class Named:
    """What fills of theirs that are none of ours say of themselves: our fill in their tags, our order's number."""

    def __init__(self, facts: Sequence[FillFacts]) -> None:
        subjects = [one.tags.get("opsconsole_subject") for one in facts]
        self._fills = Fill.each(subjects)
        references = {one.order for one in facts if one.order}
        of_fills = {fill.order_id for fill in self._fills.values()}
        query = select(Order).where(or_(Order.reference.in_(references), Order.id.in_(of_fills)))
        self._orders = list(db.session.scalars(query)) if references or of_fills else []
        self._of_order: dict[str, list[Fill]] = {order.id: [] for order in self._orders}
        for fill in db.session.scalars(
            select(Fill).where(Fill.order_id.in_(self._of_order)).order_by(Fill.id)
        ):
            self._of_order[fill.order_id].append(fill)
        asked = select(Promise.subject_id).where(
            Promise.subject_id.in_(self._fills),
            Promise.kind == "fills.submit",
            Promise.status.in_((PromiseStatus.WAITING, PromiseStatus.CLAIMED)),
        )
        self._asked = set(db.session.scalars(asked))

    def fill(self, facts: FillFacts) -> Fill | None:
        return self._fills.get(facts.tags.get("opsconsole_subject", ""))

    def order(self, facts: FillFacts) -> Order | None:
        named = self.fill(facts)
        wanted = {"id": named.order_id} if named else {"reference": facts.order}
        return next(
            (one for one in self._orders if all(getattr(one, k) == v for k, v in wanted.items())), None
        )

    def of_order(self, order: Order | None) -> list[Fill]:
        return self._of_order[order.id] if order else []

    def asking(self, fill: Fill | None) -> bool:
        """Is its pharmacy being asked for it, so that we are about to hear?"""
        return fill is not None and fill.id in self._asked


def told_soon(port: str, external_ids: Iterable[str]) -> set[str]:
    """Those of which news is in the inbox already: they are settled in a moment."""
    query = select(InboxEvent.object_id).where(
        InboxEvent.source == SOURCES.get(port, port),
        InboxEvent.object_id.in_([*external_ids]),
        InboxEvent.status == EventStatus.RECEIVED,
    )
    return {id for id in db.session.scalars(query) if id}


def confirm(noun: type[Fill] | type[Shipment], ids: Sequence[str], fetched_at: datetime) -> None:
    """Write down that these were the same when they were read. News that came since stands."""
    if ids:
        older = or_(noun.fetched_at.is_(None), noun.fetched_at < fetched_at)
        db.session.execute(
            update(noun).where(noun.id.in_(ids), older).values(fetched_at=fetched_at),
            execution_options={"synchronize_session": False},
        )


def fills_left(run: ReconciliationRun, port: str, after: str | None, limit: int) -> list[str]:
    """The pharmacy's numbers of our fills that its list did not confirm in this run, in the order of our ids."""
    query = (
        select(Fill.external_id)
        .join(Pharmacy, Pharmacy.id == Fill.pharmacy_id)
        .where(
            Pharmacy.adapter == port.removeprefix("pharmacy-"),
            Fill.external_id.is_not(None),
            Fill.status != FillStatus.WITHDRAWN,
        )
    )
    return _left(query, Fill, run, after, limit)


def parcels_left(run: ReconciliationRun, after: str | None, limit: int) -> list[str]:
    """The trackers of our parcels that the vendor's list did not confirm in this run, in the order of our ids."""
    return _left(
        select(Shipment.external_id).where(Shipment.external_id.is_not(None)), Shipment, run, after, limit
    )


def _left(
    query: Select[tuple[str | None]], noun: type[Fill] | type[Shipment], run: ReconciliationRun, after: str | None,
    limit: int,
) -> list[str]:  # fmt: skip
    query = query.where(or_(noun.fetched_at.is_(None), noun.fetched_at < run.created_at), in_scope(noun, run))
    if after:
        query = query.where(noun.id > after)
    return [id for id in db.session.scalars(query.order_by(noun.id).limit(limit)) if id]


def in_scope(noun: type[Fill] | type[Shipment], run: ReconciliationRun) -> ColumnElement[bool]:
    """SQL: does this run compare it? Those of one order, or of all orders that are open, and all recent ones."""
    if run.order_id:
        return noun.order_id == run.order_id
    of_open = select(noun.id).join(Order, Order.id == noun.order_id).where(Order.status.in_(OPEN))
    return noun.id.in_(of_open.union(select(noun.id).where(noun.created_at >= run.since)))


def by_tracker(ids: Iterable[str]) -> Mapping[str, list[tuple[Shipment, Order]]]:
    """Our parcels with their orders, by the trackers that follow them; two orders may share a box."""
    query = select(Shipment, Order).join(Order, Order.id == Shipment.order_id)
    found: dict[str, list[tuple[Shipment, Order]]] = {}
    for shipment, order in db.session.execute(
        query.where(Shipment.external_id.in_([*ids])).order_by(Shipment.id)
    ):
        found.setdefault(str(shipment.external_id), []).append((shipment, order))
    return found
