"""An order that waits for its prescription goes on once the healthcare system has it, whoever decided where."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db
from ...models import Customer, Order, OrderKind, OrderStatus, Prescription, PrescriptionStatus
from .. import gates, payments, prescriptions
from .._act import concerns, performing


@prescriptions.when_settled
def let_orders_go_on(prescription: Prescription, before: str | None) -> None:
    """What waits for exactly this product goes on, if nothing else of it lacks a prescription."""
    if prescription.status != PrescriptionStatus.ACTIVE or prescription.sku is None:
        return
    waiting = select(Order.id).where(
        Order.customer_id == prescription.customer_id,
        Order.status == OrderStatus.AWAITING_RX,
        Order.kind != OrderKind.REPLACEMENT,  # what replaces goes on by services/replacements
    )
    ids = list(db.session.scalars(waiting.order_by(Order.placed_at)))
    if ids:
        Customer.lock(prescription.customer_id)
    for id in ids:
        order = Order.lock(id)
        if prescription.sku in [line.sku for line in order.lines()]:
            go_on_if_prescribed(order)


def go_on_if_prescribed(order: Order) -> bool:
    """Let a locked order that waits for prescriptions go on once each of its products has one: to its payment, and to the
    pharmacy where that is done."""
    if order.status != OrderStatus.AWAITING_RX:
        return False
    found = gates.check(gates.Asked.of(order, performing().now))
    if any(one.gate == "prescription" for one in found.blockers):
        return False
    order.move_to(OrderStatus.AWAITING_PAYMENT)
    payments.ready_if_paid(order)
    concerns(*order.related())
    return True
