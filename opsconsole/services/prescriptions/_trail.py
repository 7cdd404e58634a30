"""From a parcel back to why it was sent, and forward again: parcel, fill, order, invoice, prescription, visit, prescriber.
Nothing is kept for it: what points to what is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from ...db import db
from ...models import Fill, Invoice, Order, Payment, Prescription, Provider, Shipment, Visit


@dataclass(frozen=True)
class Trail:
    """Everything on the way of one prescription, or of what was filled without one that we know. The newest first."""

    shipments: Sequence[Shipment] = ()
    fills: Sequence[Fill] = ()
    orders: Sequence[Order] = ()
    payments: Sequence[Payment] = ()
    invoices: Sequence[Invoice] = ()
    prescription: Prescription | None = None
    visit: Visit | None = None
    provider: Provider | None = None

    @property
    def as_json(self) -> dict[str, str | list[str] | None]:
        """{"shipments", "fills", "orders", "payments", "invoices": URLs; "prescription", "visit", "provider": one}."""
        several = {
            "shipments": self.shipments, "fills": self.fills, "orders": self.orders, "payments": self.payments,
            "invoices": self.invoices,
        }  # fmt: skip
        one = {"prescription": self.prescription, "visit": self.visit, "provider": self.provider}
        return {name: [record.url for record in records] for name, records in several.items()} | {
            name: record.url if record else None for name, record in one.items()
        }


def of_shipment(shipment: Shipment) -> Trail:
    """A parcel's: of the fill that it carries; one that nobody knows the fill of leads to its order alone."""
    fill = Fill.get(shipment.fill_id) if shipment.fill_id else None
    return of_fill(fill, shipment) if fill else _trail([], shipment.order_id, None, shipment)


def of_fill(fill: Fill, shipment: Shipment | None = None) -> Trail:
    return _trail([fill], fill.order_id, Prescription.by_external(fill.prescription_id), shipment)


def of_prescription(rx: Prescription) -> Trail:
    return _trail(Fill.of_prescription(rx.external_id), None, rx, None)


def _trail(
    fills: Sequence[Fill], order_id: str | None, rx: Prescription | None, shipment: Shipment | None
) -> Trail:
    found = Order.each({order_id} if order_id else {fill.order_id for fill in fills})
    orders = sorted(found.values(), key=lambda one: one.placed_at, reverse=True)
    payments = _payments(orders)
    return Trail(
        [shipment] if shipment else _shipments(fills),
        fills,
        orders,
        payments,
        _invoices(orders, payments),
        rx,
        Visit.by_external(rx.visit_external_id) if rx and rx.visit_external_id else None,
        Provider.get(rx.provider_id) if rx and rx.provider_id else None,
    )


def _shipments(fills: Sequence[Fill]) -> Sequence[Shipment]:
    if not fills:
        return ()
    query = select(Shipment).where(Shipment.fill_id.in_([fill.id for fill in fills]))
    return db.session.scalars(query.order_by(Shipment.created_at.desc(), Shipment.id.desc())).all()


def _payments(orders: Sequence[Order]) -> Sequence[Payment]:
    if not orders:
        return ()
    query = select(Payment).where(Payment.order_id.in_([order.id for order in orders]))
    return db.session.scalars(query.order_by(Payment.created_at.desc(), Payment.id.desc())).all()


def _invoices(orders: Sequence[Order], payments: Sequence[Payment]) -> Sequence[Invoice]:
    """Those that these payments were made for."""
    if not payments:
        return ()
    theirs = or_(*(Invoice.payments.contains([one.external_id]) for one in payments))
    query = select(Invoice).where(Invoice.customer_id.in_({order.customer_id for order in orders}), theirs)
    return db.session.scalars(query.order_by(Invoice.created_at.desc(), Invoice.id.desc())).all()
