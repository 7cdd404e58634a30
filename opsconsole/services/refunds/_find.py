"""Reading refunds."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from ...models import UNDER_WAY, Order, OrderLine, Refund, RefundLine, RefundStatus
from .._find import Filter, Listing, among, day, exactly, one_of_ours, yes

_SENT = Refund.external_id.is_not(None) & Refund.status.in_((RefundStatus.PENDING, RefundStatus.SUCCEEDED))


def _pending(value: str) -> ColumnElement[bool]:
    return Refund.pending_reason.is_(None) if value == "none" else Refund.pending_reason == value


def _of_sku(value: str) -> ColumnElement[bool]:
    lines = select(RefundLine.refund_id).join(OrderLine, OrderLine.id == RefundLine.line_id)
    return Refund.id.in_(lines.where(OrderLine.sku == value))


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
        "created_from": day(Refund.created_at, "Asked for on this day or later, 2026-11-21, UTC."),
        "created_until": day(Refund.created_at, "Asked for on this day or earlier.", until=True),
        "sent": yes(
            Refund.external_id.is_not(None) & Refund.status.in_(("pending", "succeeded")),
            "Taken in by Stripe.",
            few=True,
        ),
        "pending_reason": Filter(
            _pending, "What Stripe waits for; none for those of which it names nothing.", few=True
        ),
        "by": exactly(Refund.by, "Who gave it back.", few=True),
        "sku": Filter(_of_sku, "Of which product something was given back.", few=True),
        "in": exactly(Refund.currency, "The currency, in three small letters.", few=True),
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
