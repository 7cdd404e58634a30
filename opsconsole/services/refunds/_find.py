"""Reading refunds."""

from __future__ import annotations

from ...models import UNDER_WAY, Order, Refund, RefundStatus
from .._find import Listing, among, exactly, one_of_ours, yes

LIST = Listing(
    Refund,
    {
        "status": among(Refund.status, RefundStatus, "How far it is on its way."),
        "reason": exactly(Refund.reason, "Why, as a code."),
        "order": one_of_ours(Refund.order_id, "Of which order; an id or its URL."),
        "payment": one_of_ours(Refund.payment_id, "Of which payment; an id or its URL."),
        "customer": one_of_ours(Refund.customer_id, "Whose; an id or its URL."),
        "external_id": exactly(Refund.external_id, "Stripe's id, re_….", few=True),
        "currency": exactly(Refund.currency, "Three small letters.", only_with="customer"),
        "under_way": yes(Refund.status.in_(UNDER_WAY), "Neither arrived, failed nor undone."),
    },
    sorts=("created_at", "amount"),
    shown=(
        Refund.id,
        Refund.amount,
        Refund.currency,
        Refund.status,
        Refund.reason,
        Refund.order_id,
        Order.reference.label("order"),
        Refund.by,
        Refund.external_id,
        Refund.created_at,
    ),
    beside={Order: Order.id == Refund.order_id},
)
find = LIST.find
