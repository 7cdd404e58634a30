"""What a subscription is for, and what changing that asks of the processor: shared by altering and swapping.

The processor computes what is billed for a change within a period (https://docs.stripe.com/billing/subscriptions/prorations);
the instant of its preview goes along, so that what was shown is what is billed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import Price, Product, Subscription, SubscriptionItem, SubscriptionStatus
from ...vendors.billing import Proration
from .. import changes
from .._act import performing
from ._forecast import Terms
from ._intent import Intent, NotChangeable, Quoted

_S = SubscriptionStatus
PRORATION_WORDS = {
    Proration.NONE: "Bill no difference: the new price counts from the next charge on",
    Proration.NEXT_INVOICE: "Put the difference on the next invoice",
    Proration.AT_ONCE: "Bill the difference at once",
}


class NotPriced(Refused):
    """The processor has no such price for it."""


def why_not_alter(one: Subscription) -> str | None:
    """Why nothing of it can be changed; None while it can."""
    if one.status not in (_S.ACTIVE, _S.TRIALING, _S.PAST_DUE):
        return f"It is {one.status.replace('_', ' ')}: nothing of it can be changed."
    if one.schedule_id:
        return "A schedule at Stripe changes it later: release that at Stripe first."
    return "A change of it waits for its payment already." if one.pending_update else None


def prices_for(items: Sequence[SubscriptionItem], *, other: bool) -> list[Price]:
    """The prices that its first item could have: of the same product, or of all others, in the same currency."""
    if not items or items[0].product_id is None:
        return []
    query = (
        select(Price)
        .join(Product, Product.id == Price.product_id)
        .where(Price.active, Price.interval.is_not(None))
    )
    query = query.where(Price.currency == items[0].currency, Product.active)
    same = Price.product_id == items[0].product_id
    found = db.session.scalars(query.where(~same if other else same).order_by(Product.sku).limit(200))
    return sorted(found, key=lambda price: (price.product_id or "", price.days, price.id))


def to_alter(
    one: Subscription, items: Sequence[SubscriptionItem], *, now: datetime, item: str | None, price: str | None,
    quantity: int | None, proration: str,
) -> Intent:  # fmt: skip
    """What another price or quantity of one item asks of the processor. `price` is ours, its product that of the item or of
    a swap. Raises NotChangeable, NotPriced and Invalid."""
    if why := why_not_alter(one):
        raise NotChangeable(why)
    if proration not in {*Proration}:
        raise Invalid({"proration": [f"Write one of: {', '.join(Proration)}."]})
    chosen = item_of(items, item)
    to = price_of(one, chosen, price)
    pieces = chosen.quantity if quantity is None else quantity
    if not 1 <= pieces <= 12:
        raise Invalid({"quantity": ["From 1 to 12."]})
    if (to.external_id, pieces) == (chosen.price_key, chosen.quantity):
        raise Invalid({"price": ["It is that already: choose another price or quantity."]})
    if len(items) > 1 and (to.interval, to.interval_count) != (chosen.interval, chosen.interval_count):
        raise NotPriced("Its items are charged together: all of them have to come as often.", field="price")
    changed_item: dict[str, Any] = {"id": chosen.external_id, "price": to.external_id, "quantity": pieces}
    asks = {"subscription": one.external_id, "items": [changed_item], "proration": proration}
    words = f"Make it {called(to)}{f' × {pieces}' if pieces != 1 else ''}, {to.money}, {to.cadence}"
    return Intent("alter", asks | {"as_of": None}, words, _after(one, items, chosen, to, now))


def pinned(one: Subscription, intent: Intent, quoted: Quoted) -> Intent:
    """With the instant of what was shown. Raises NoQuote: what is billed has to be known."""
    if intent.arguments["proration"] == Proration.NONE:
        return intent
    bill = changes.bill_of(quoted.after, one, now=performing().now)
    return replace(intent, arguments={**intent.arguments, "as_of": bill.as_of.isoformat()})


def item_of(items: Sequence[SubscriptionItem], item: str | None) -> SubscriptionItem:
    if item is None and len(items) == 1:
        return items[0]
    found = next((each for each in items if each.id == item), None)
    if found is None:
        raise Invalid({"item": ["Choose one of its items."]})
    return found


def price_of(one: Subscription, item: SubscriptionItem, price: str | None) -> Price:
    found = Price.get(price) if price else Price.by_external(item.price_key)
    if found is None or not found.interval:
        raise Invalid({"price": ["Choose one of the prices."]})
    if found.currency != one.currency or not found.active or found.product_id is None:
        raise NotPriced("It cannot be sold at that price any more: choose another one.", field="price")
    return found


def _after(
    one: Subscription, items: Sequence[SubscriptionItem], item: SubscriptionItem, to: Price, now: datetime
) -> Terms:
    """Its charges afterwards: with another interval a new period begins at once (Stripe), else they stay where they are."""
    terms = Terms.of(one, items)
    if (to.interval, to.interval_count) == (item.interval, item.interval_count):
        return terms
    begins = terms.next_at if one.status == _S.TRIALING and terms.next_at else now
    return replace(
        terms, interval=to.interval or "month", count=to.interval_count or 1, anchor=begins, next_at=begins
    )


def called(price: Price) -> str:
    product = Product.get(price.product_id) if price.product_id else None
    return product.sku if product else price.external_id
