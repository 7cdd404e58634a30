"""Reading subscriptions."""

from __future__ import annotations

from ...models import Customer, Effective, Subscription, SubscriptionStatus
from .._find import Listing, among, day, exactly, one_of_ours

LIST = Listing(
    Subscription,
    {
        "effective": among(Subscription.effective, Effective, "How it stands in effect."),
        "status": among(Subscription.status, SubscriptionStatus, "Stripe's own word."),
        "customer": one_of_ours(Subscription.customer_id, "Whose; an id or its URL."),
        "external_id": exactly(Subscription.external_id, "Stripe's id, sub_….", few=True),
        "charged_until": day(Subscription.next_charge_at, "Charged next by the end of that day.", until=True),
    },
    shown=(
        Subscription.id,
        Subscription.external_id,
        Subscription.effective,
        Subscription.status,
        Subscription.next_charge_at,
        Subscription.customer_id,
        Customer.name.label("name"),
        Subscription.created_at,
    ),
    beside={Customer: Customer.id == Subscription.customer_id},
)
find = LIST.find
