"""Reading orders."""

from __future__ import annotations

from ...models import Customer, Order, OrderPaymentStatus, OrderStatus
from .. import outbox
from .._find import Listing, among, day, exactly, one_of_ours

LIST = Listing(
    Order,
    {
        "status": among(Order.status, OrderStatus, "The order's own status."),
        "payment_status": among(Order.payment_status, OrderPaymentStatus, "How far it is paid."),
        "customer": one_of_ours(Order.customer_id, "Whose; an id or its URL."),
        "reference": exactly(Order.reference, "The shop's order number.", few=True),
        "placed_from": day(Order.placed_at, "Placed on this day or later, 2026-11-21, UTC."),
        "placed_until": day(Order.placed_at, "Placed on this day or earlier.", until=True),
        "waits_for": outbox.waiting_about(Order),
    },
    sorts=("placed_at", "total"),
    shown=(
        Order.id,
        Order.reference,
        Order.status,
        Order.payment_status,
        Order.customer_id,
        Customer.name.label("customer"),
        Order.total,
        Order.currency,
        Order.placed_at,
    ),
    beside={Customer: Customer.id == Order.customer_id},
)
find = LIST.find
