"""Whose licence lacks when a customer's parcels go to another state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from ...db import db
from ...models import Customer, Order, Prescription, PrescriptionStatus, ShipTo
from .. import customers
from .._act import performing
from ._asked import Asked, Line, day_of
from ._check import check


@customers.tells_licences
def lacking(customer: Customer, ship_to: ShipTo, order: Order | None) -> Sequence[str]:
    """What is wrong with licences when an order, or all that the customer is prescribed, ships there: a sentence each.
    Nothing is known of a customer who never ordered."""
    if order is not None:
        asked = Asked.of(order, performing().now)
    else:
        latest = (
            select(Order).where(Order.customer_id == customer.id).order_by(Order.placed_at.desc()).limit(1)
        )
        order = db.session.scalar(latest)
        if order is None:
            return []
        on = day_of(ship_to, performing().now)
        asked = Asked(customer.id, [Line(sku, 1) for sku in _prescribed(customer)], ship_to, on, order)
    found = check(replace(asked, ship_to=ship_to)).blockers
    return list(dict.fromkeys(blocker.says for blocker in found if blocker.gate == "licence"))


def _prescribed(customer: Customer) -> Sequence[str]:
    """What the customer may have filled, by sku; a line of nothing known asks for pharmacies alone."""
    query = select(Prescription.sku).where(
        Prescription.customer_id == customer.id, Prescription.status == PrescriptionStatus.ACTIVE
    )
    return sorted(set(db.session.scalars(query))) or ["?"]
