"""Never two live subscriptions for one product. services/subscriptions looks for those each hour, too."""

from __future__ import annotations

from ...models import Subscription, SubscriptionItem
from ._guard import Guard, guard

twice = guard(
    Guard(
        "subscribed_twice",
        label="Two live subscriptions for one product",
        says="The customer has two subscriptions for the same product, and both will be charged.",
        suggests="Cancel one of them",
        concerns=(Subscription, SubscriptionItem),
        query="""
            select max(s.id), s.customer_id, array_agg(distinct s.id)
            from subscriptions s join subscription_items i on i.subscription_id = s.id
            where {of:s.customer_id} and s.customer_id is not null
                and s.status in ('trialing', 'active', 'past_due', 'unpaid', 'paused')
                and not coalesce(s.cancel_at <= coalesce(s.next_charge_at, s.cancel_at), false)
            group by s.customer_id, coalesce(i.product_id, i.price_key) having count(distinct s.id) > 1""",
    )
)
