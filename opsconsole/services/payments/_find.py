"""Reading payments."""

from __future__ import annotations

from ...models import Order, Payment, PaymentStatus
from .._find import Listing, among, exactly, one_of_ours, yes

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
