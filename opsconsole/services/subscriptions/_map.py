"""Subscriptions that wait until somebody says which product a price of Stripe's is of."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from ...db import db
from ...models import Customer, Price, Product, Subscription, SubscriptionItem
from .. import products
from .._act import tell_change
from ._mirror import PRICE, stand


def of_unknown_price(system: str, key: str) -> Sequence[Subscription]:
    """Those with an item of that price, of which nobody knows what it is; the oldest first."""
    if system != PRICE:
        return ()
    unknown = select(SubscriptionItem.subscription_id).where(
        SubscriptionItem.price_key == key, SubscriptionItem.product_id.is_(None)
    )
    query = select(Subscription).where(Subscription.id.in_(unknown))
    return db.session.scalars(query.order_by(Subscription.created_at, Subscription.id)).all()


def _release(system: str, key: str, product: Product) -> Sequence[Subscription]:
    found = of_unknown_price(system, key)
    for customer_id in sorted({one.customer_id for one in found if one.customer_id}):
        Customer.lock(customer_id)
    if system == PRICE:
        db.session.execute(update(Price).where(Price.external_id == key).values(product_id=product.id))
    gone = [Subscription.lock(one.id) for one in found]
    for one in gone:
        items = one.items()
        for item in items:
            if item.price_key == key:
                item.product_id = product.id
        db.session.flush()
        stand(one, items)
        tell_change(one, "product", "not known", product.sku)
    return gone


products.waits(products.Waiting("subscriptions", of_unknown_price, _release))
