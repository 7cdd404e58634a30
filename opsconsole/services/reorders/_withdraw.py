"""Undoing a reorder before its card is charged."""

from __future__ import annotations

from collections.abc import Sequence

from ...models import Collection, CollectionStatus, Customer, Order, OrderKind, OrderStatus
from .. import outbox, payments
from .._act import act, say
from .._actor import Actor


@act
def withdraw(order_id: str, *, by: Actor) -> Order:
    """Take a reorder back, all of it: no card is charged and the new order is canceled.

    Raises AlreadyWithdrawn, and NotWithdrawable once the processor may have been asked.
    """
    Customer.lock(Order.require(order_id).customer_id)
    order = Order.lock(order_id)
    if order.kind == OrderKind.REORDER and order.status == OrderStatus.CANCELED:
        raise outbox.AlreadyWithdrawn("This reorder was undone already.")
    if not may_withdraw(order, Collection.of_order(order.id)):
        words = "It is too late to undo this. Cancel the order instead, and refund what was paid."
        raise outbox.NotWithdrawable(words)
    payments.call_off(order)
    order.move_to(OrderStatus.CANCELED)
    say(f"Undid the reorder {order.reference}")
    return order


def may_withdraw(order: Order, collections: Sequence[Collection]) -> bool:
    """Is it a reorder whose card surely was not charged, and will be?"""
    planned = [one for one in collections if one.status == CollectionStatus.PLANNED]
    return (
        order.kind == OrderKind.REORDER
        and order.status == OrderStatus.AWAITING_PAYMENT
        and bool(planned)
        and all(outbox.may_withdraw(outbox.of(one.id)) for one in planned)
    )
