"""A replacement that waited for a prescription goes on once there is one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ...db import db, instant
from ...models import Customer, Order, OrderStatus, Replacement, ReplacementStatus
from .. import gates
from .._act import act, performing, say
from .._actor import Actor


def prescribed_anew(limit: int = 100) -> list[str]:
    """The replacements that waited and can be filled now, the longest first."""
    query = (
        select(Replacement.id, Order)
        .join(Order, Order.id == Replacement.new_order_id)
        .where(Replacement.status == ReplacementStatus.AWAITING_RX, Order.status == OrderStatus.AWAITING_RX)
        .order_by(Replacement.created_at, Replacement.id)
        .limit(limit)
    )
    now = db.session.scalars(select(instant())).one()
    return [id for id, order in db.session.execute(query).all() if _can_be_filled(order, now)]


def _can_be_filled(order: Order, at: datetime) -> bool:
    checked = gates.check(gates.Asked.of(order, at))
    return not any(one.gate == "prescription" for one in checked.blockers)


@act(robots=("clock",))
def resume(replacement_id: str, *, by: Actor) -> Replacement:
    """There is a new prescription: the order is ready for the pharmacy, and goes there as every other one does."""
    Customer.lock(Replacement.require(replacement_id).customer_id)
    order = Order.lock(Replacement.require(replacement_id).new_order_id)
    replacement = Replacement.lock(replacement_id)
    if order.status != OrderStatus.AWAITING_RX or not _can_be_filled(order, performing().now):
        say(f"Order {order.reference} was taken care of meanwhile")
        return replacement
    replacement.prescription_use = "It waited for a new prescription, and uses one fill of that."
    order.move_to(OrderStatus.AWAITING_PAYMENT)
    order.move_to(OrderStatus.READY)
    say(f"Order {order.reference} can be filled: there is a new prescription")
    return replacement
