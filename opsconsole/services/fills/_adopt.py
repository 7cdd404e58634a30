"""Taking in what somebody ordered at a pharmacy by hand as its order's fill."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ...db import db
from ...models import Customer, Fill, FillStatus, Order, OrderStatus, Pharmacy
from ...vendors.pharmacy import FillFacts
from .. import cases, gates
from .._act import act, performing, say
from .._actor import Actor
from ._choose import NO_PHARMACY, lines_of
from ._follow import follow
from ._submit import items_of, line_set

_MAY = (OrderStatus.READY, OrderStatus.SUBMITTED, OrderStatus.AT_PHARMACY, OrderStatus.MANUAL_INTERVENTION)
_FREE = (FillStatus.WITHDRAWN, FillStatus.CANCELED)  # these hold no place


@act(robots=("worker",))
def adopt(order_id: str, *, pharmacy: str, facts: FillFacts, fetched_at: datetime, by: Actor) -> Fill | None:
    """Write down a fill that the pharmacy (its adapter's name) has of this order and nobody asked for here."""
    Customer.lock(Order.require(order_id).customer_id)
    order = Order.lock(order_id)
    where = db.session.scalar(
        select(Pharmacy).where(Pharmacy.adapter == pharmacy).order_by(Pharmacy.rank).limit(1)
    )
    standing = [fill for fill in Fill.of_order(order.id) if fill.status not in _FREE]
    lines = lines_of(order)
    items = items_of(lines.theirs, lines.all)
    if where is None or standing or order.status not in _MAY or not items:
        say(f"Order {order.reference} goes another way meanwhile")
        return None
    usable = list(gates.of_order(order, performing().now).prescriptions.values())
    prescription = usable[0].external_id if usable else f"rx-{order.reference}"
    fill = Fill(
        status=FillStatus.SENT,
        order_id=order.id,
        customer_id=order.customer_id,
        pharmacy_id=where.id,
        prescription_id=prescription,
        number=gates.next_number(prescription),
        items=items,
        line_set=line_set(items),
        external_id=facts.id,
        why="Ordered there by hand",
        by=by.label,
        trace_id=performing().trace,
        created_at=performing().now,
    ).add()
    cases.close_when_solved(NO_PHARMACY, order.id, "it was ordered by hand")
    if order.status == OrderStatus.READY:
        order.move_to(OrderStatus.SUBMITTED)
    follow(order, fill, facts, fetched_at=fetched_at)
    say(f"Order {order.reference} is filled by {where.name} as {facts.id}, ordered there by hand")
    return fill
