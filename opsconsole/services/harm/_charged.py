"""Never charge for what no prescription covers."""

from __future__ import annotations

from ...models import Change, Invoice, Subscription
from ._guard import Guard, guard

# What is asked of Stripe now, and what goes out by itself within the quarter of an hour with nobody holding it.
charged = guard(
    Guard(
        "charged_uncovered",
        label="A charge for what no prescription covers",
        says="The customer is about to be charged for medicine that no prescription covers.",
        suggests="Hold the invoice until there is a prescription",
        concerns=(Change, Invoice, Subscription),
        query="""
            select i.id, i.customer_id, array[i.id, s.id]
            from invoices i join subscriptions s on s.id = i.subscription_id
            where {of:i.customer_id} and s.effective = 'blocked' and i.total > 0
                and not exists (
                    select from changes h where h.invoice_id = i.id and h.status in ('planned', 'submitted')
                        and h.verb = 'billing.hold')
                and (i.status = 'draft' and i.auto_advance and i.finalizes_at < instant() + interval '15 minutes'
                    or i.status in ('draft', 'open') and exists (
                        select from changes c where c.invoice_id = i.id and c.status in ('planned', 'submitted')
                            and c.verb in ('billing.finalise', 'billing.collect', 'billing.release')))""",
    )
)
