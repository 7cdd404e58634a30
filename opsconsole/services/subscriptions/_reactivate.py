"""Taking up again what has ended: a new subscription in its place, for an ended one is ended for good at Stripe."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from ...db import db
from ...lib.refusal import Invalid
from ...models import Change, Price, Subscription, SubscriptionItem
from ...models.subscription import LIVE
from .. import changes
from .._act import act, performing, say, tell_change
from .._actor import Actor
from ._forecast import Terms, occasions, told
from ._in_the_way import clear
from ._intent import NotChangeable, locked
from ._settle import changed


def why_not_reactivate(one: Subscription, items: Sequence[SubscriptionItem]) -> str | None:
    """Why it cannot be taken up again; None while it can."""
    if not one.final:
        return "It has not ended."
    if one.customer_id is None:
        return "It belongs to no customer that we know."
    if taken := Subscription.replacing(one.id):
        return f"It was taken up again as {taken.external_id}."
    if other := same_product(one, items):
        return f"They have a live subscription of the same product, {other.external_id}: two would charge them twice."
    return None


def same_product(one: Subscription, items: Sequence[SubscriptionItem]) -> Subscription | None:
    """Another live subscription of its customer with one of its products."""
    products = [item.product_id for item in items if item.product_id]
    query = (
        select(Subscription)
        .join(SubscriptionItem, SubscriptionItem.subscription_id == Subscription.id)
        .where(
            Subscription.customer_id == one.customer_id,
            Subscription.id != one.id,
            Subscription.status.in_(LIVE),
            SubscriptionItem.product_id.in_(products),
        )
    )
    return db.session.scalar(query.limit(1)) if products else None


@act(undo=60)
def reactivate(
    subscription_id: str, *, starts_on: date | None, card: str | None, reason: str, by: Actor
) -> Change:
    """A new subscription with the items of an ended one, at the prices that they have now: charged at once, or first on that
    day. `card` is the processor's id of the saved card, as just read.

    Raises NotChangeable, NotCovered with all that stands in the way, UnderWay, Invalid.
    """
    one = locked(subscription_id)
    items = one.items()
    if why := why_not_reactivate(one, items):
        raise NotChangeable(why)
    now = performing().now
    at = _starts(starts_on, now)
    clear(one, items, (at or now).date(), card)
    asks = {
        "customer": one.external_customer,
        "items": [{"price": item.price_key, "quantity": item.quantity} for item in items],
        "starts_at": at.isoformat() if at else None,
        "replaces": one.id,
    }
    first = f"first charged on {at:%-d %b %Y}" if at else "charged at once"
    words = f"Take it up again, {first}: {_sum(items)}"
    change = changes.plan(takes_up, subscription=one, says=words, arguments=asks, reason=reason)
    terms = Terms(at or now, at or now, items[0].interval or "month", items[0].interval_count or 1)
    tell_change(one, "next four charges", "none", told(occasions(terms)))
    say(words)
    return change


def _starts(on: date | None, now: datetime) -> datetime | None:
    if on is None or on == now.date():
        return None
    if not now.date() < on <= (now + timedelta(days=365)).date():
        raise Invalid({"starts_on": ["Choose a day within the next year, or leave it empty to begin now."]})
    return datetime.combine(on, time(12, tzinfo=UTC))


def _sum(items: Sequence[SubscriptionItem]) -> str:
    found = [f"{item.total or 'at its price'} {item.cadence}" for item in items]
    gone = [
        item.price_key for item in items if (price := Price.by_external(item.price_key)) and not price.active
    ]
    if gone or not found:
        raise NotChangeable("It is not sold at its old price any more: subscribe them anew in the shop.")
    return ", ".join(found)


takes_up = changes.keeps("subscriptions.reactivate", "billing.subscribe", then=changed)
