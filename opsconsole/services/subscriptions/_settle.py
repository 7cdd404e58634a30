"""The processor tells of a subscription or a price, or answers what we asked of one: the mirror follows."""

from __future__ import annotations

from datetime import datetime

from ...models import Change, Price, Subscription
from ...vendors.billing import PriceFacts, SubscriptionFacts
from .. import changes, outbox
from .._act import act, concerns, say
from .._actor import Actor
from ._mirror import mirror, mirror_price


@act(robots=("stripe", "worker"))
def settle(
    ref: str, *, facts: SubscriptionFacts | None, fetched_at: datetime, by: Actor
) -> Subscription | None:
    """Mirror a subscription. `ref` is the processor's id when an event brings it, ours when a person had it read."""
    if facts is None:
        say("Stripe does not know this subscription")
        return Subscription.get(ref)
    one = mirror(facts, fetched_at=fetched_at)
    changes.happened(facts.tags.get("opsconsole_subject"), external_id=facts.id)
    say(f"Subscription {facts.id}: {one.stands.replace('_', ' ')}")
    return one


@act(robots=("stripe",))
def settle_price(ref: str, *, facts: PriceFacts | None, fetched_at: datetime, by: Actor) -> Price | None:
    """Mirror a price."""
    if facts is None:
        say("Stripe does not know this price")
        return None
    price = mirror_price(facts, fetched_at=fetched_at)
    say(f"Price {facts.id}: {price.money or 'computed'}, {price.cadence}")
    return price


@act(robots=("worker",))
def changed(change_id: str, *, facts: SubscriptionFacts, fetched_at: datetime, by: Actor) -> Change:
    """The processor has changed it: what it answered is how it stands now."""
    one = mirror(facts, fetched_at=fetched_at)
    change = changes.done(change_id, external_id=facts.id)
    concerns(one.id)
    say(f"Stripe has done it: {change.says}")
    return change


read = outbox.keeper("subscriptions.read", call="billing.fetch_subscription", then=settle, changes=False)


@act
def refresh(subscription_id: str, *, by: Actor) -> Subscription:
    """Have it read anew: what is shown here is Stripe's word, and may be late."""
    one = Subscription.lock(subscription_id)
    outbox.promise(
        read, one, lane=one.lane, says="Read the subscription from Stripe", arguments={"id": one.external_id}
    )
    say(f"Have subscription {one.external_id} read from Stripe")
    return one
