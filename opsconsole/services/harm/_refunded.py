"""Never give back more than was paid."""

from __future__ import annotations

from ...models import Payment, Refund
from ._guard import Guard, guard

refunded = guard(
    Guard(
        "refunded_beyond_paid",
        label="More given back than was paid",
        says="More is given back of a payment than was taken.",
        suggests="See what was refunded",
        concerns=(Refund, Payment),
        query="""
            select p.id, p.customer_id, array[p.id]
            from payments p join refunds r on r.payment_id = p.id
            where {of:p.customer_id} and p.customer_id is not null and r.status not in ('failed', 'withdrawn')
            group by p.id, p.customer_id, p.captured having sum(r.amount) > p.captured""",
    )
)
