"""Never resume into an expired prescription."""

from __future__ import annotations

from ...models import Change, Prescription
from ._guard import Guard, guard

resumed = guard(
    Guard(
        "resumed_uncovered",
        label="A subscription resumes without a prescription that can be filled",
        says="A subscription is about to go on, and no prescription for it can be filled.",
        suggests="Undo it, and have the prescription renewed first",
        concerns=(Change, Prescription),
        query="""
            select c.id, c.customer_id, array[c.id, c.subscription_id]
            from changes c
            where {of:c.customer_id} and c.status in ('planned', 'submitted')
                and c.verb in ('subscriptions.resume', 'subscriptions.take_up', 'subscriptions.reactivate')
                and exists (
                    select from subscription_items i join products p on p.id = i.product_id
                    where i.subscription_id = c.subscription_id and p.needs_prescription and not exists (
                        select from prescriptions rx where rx.customer_id = c.customer_id and rx.sku = p.sku
                            and rx.status = 'active' and rx.refills_authorised + 1 > rx.fills_used
                            and (rx.expires_on is null or rx.expires_on >= instant()::date)))""",
    )
)
