"""Whether a prescription covers what a subscription charges for next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from ...db import db
from ...models import Customer, Product, Subscription, SubscriptionItem
from ...models.subscription import LIVE
from .. import gates

OF_PRESCRIPTION = {
    "rx_missing", "rx_not_signed", "rx_on_hold", "no_refills", "rx_expired", "rx_expires_soon", "rx_stopped",
    "prescriber_not_licensed", "state_not_served", "product_mismatch", "quantity_mismatch", "days_supply_mismatch",
    "review_denied",
}  # fmt: skip


def blockers(
    subscription: Subscription, items: Sequence[SubscriptionItem], on: date, skus: Sequence[str] | None = None
) -> list[gates.Blocker]:
    """What would keep its products from leaving if they were asked for on that day: prescription, licences, address and
    stock, as an order is asked. `skus` asks about other products than its own. Nobody's subscription has none."""
    if subscription.customer_id is None:
        return []
    customer = Customer.require(subscription.customer_id)
    if skus is None:
        known = Product.each(item.product_id for item in items)
        skus = [known[item.product_id].sku for item in items if item.product_id in known]
    if not skus:
        return []
    lines = [gates.Line(sku, 1) for sku in dict.fromkeys(skus)]
    asked = gates.Asked(customer.id, lines, customer.ships_to, on, None)
    return list(gates.check(asked).blockers)


def uncovered(subscription: Subscription, items: Sequence[SubscriptionItem], on: date) -> str | None:
    """Why no prescription covers what is charged on that day, in words; None when one does, or none is needed."""
    return next((one.says for one in blockers(subscription, items, on) if one.code in OF_PRESCRIPTION), None)


def skus_of(customer_id: str) -> set[str]:
    """The products of the customer's subscriptions that go on."""
    query = (
        select(Product.sku)
        .join(SubscriptionItem, SubscriptionItem.product_id == Product.id)
        .join(Subscription, Subscription.id == SubscriptionItem.subscription_id)
        .where(Subscription.customer_id == customer_id, Subscription.status.in_(LIVE))
    )
    return set(db.session.scalars(query))
