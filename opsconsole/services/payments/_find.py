"""Reading payments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement

from ...models import Order, Payment, PaymentStatus
from .._find import Filter, Listing, among, exactly, one_of_ours, yes


def _due(value: str) -> ColumnElement[bool]:
    try:
        start = datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC)
    except ValueError:
        raise ValueError("Write a day like 2026-11-21.") from None
    wants = Payment.dispute.in_(("needs_response", "warning_needs_response")) & (Payment.disputed > 0)
    return wants & (Payment.dispute_due_at >= start) & (Payment.dispute_due_at < start + timedelta(days=1))


LIST = Listing(
    Payment,
    {
        "status": among(Payment.status, PaymentStatus, "What Stripe says of it."),
        "order": one_of_ours(Payment.order_id, "Of which order; an id or its URL."),
        "customer": one_of_ours(Payment.customer_id, "Whose; an id or its URL."),
        "external_id": exactly(Payment.external_id, "Stripe's id, pi_….", few=True),
        "currency": exactly(Payment.currency, "Three small letters.", only_with="customer"),
        "captured": yes(Payment.captured > 0, "Money was collected.", only_with="customer"),
        "disputed": yes(Payment.disputed > 0, "The bank holds or took back some of it."),
        "dispute_due": Filter(_due, "A dispute that wants an answer by this day, 2026-11-21.", few=True),
        "in": exactly(Payment.currency, "The currency, in three small letters.", few=True),
    },
    sorts=("created_at", "amount"),
    shown=(
        Payment.id,
        Payment.amount,
        Payment.disputed,
        Payment.currency,
        Payment.status,
        Payment.card_brand,
        Payment.card_last4,
        Payment.order_id,
        Order.reference.label("order"),
        Payment.external_id,
        Payment.created_at,
    ),
    beside={Order: Order.id == Payment.order_id},
)
find = LIST.find
