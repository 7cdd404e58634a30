"""Reading invoices."""

from __future__ import annotations

from sqlalchemy import and_

from ...models import Customer, Invoice, InvoiceStatus
from .._find import Listing, among, exactly, one_of_ours, yes

_HELD = and_(Invoice.status == InvoiceStatus.DRAFT, ~Invoice.auto_advance)
LIST = Listing(
    Invoice,
    {
        "status": among(Invoice.status, InvoiceStatus, "How it stands at Stripe."),
        "held": yes(_HELD, "Drafts that do not go out by themselves."),
        "billing_reason": exactly(Invoice.billing_reason, "Why it was made, in Stripe's words."),
        "customer": one_of_ours(Invoice.customer_id, "Whose; an id or its URL."),
        "subscription": one_of_ours(Invoice.subscription_id, "Of which subscription; an id or its URL."),
        "number": exactly(Invoice.number, "Its number.", few=True),
        "external_id": exactly(Invoice.external_id, "Stripe's id, in_….", few=True),
    },
    shown=(
        Invoice.id,
        Invoice.number,
        Invoice.status,
        Invoice.currency,
        Invoice.total,
        Invoice.remaining,
        Invoice.auto_advance,
        Invoice.finalizes_at,
        Invoice.next_try_at,
        Invoice.due_at,
        Invoice.tried,
        Invoice.error_code,
        Invoice.tax_status,
        Invoice.billing_reason,
        Invoice.customer_id,
        Customer.name.label("customer"),
        Invoice.created_at,
    ),
    beside={Customer: Customer.id == Invoice.customer_id},
)
find = LIST.find
