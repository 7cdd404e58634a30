"""Another cadence or number of what a subscription is for."""

from __future__ import annotations

from ...models import Change, Prescription, Price, Product, Subscription, SubscriptionItem
from .. import changes
from .._act import act, performing, warn
from .._actor import Actor
from ._intent import Intent, Quoted, carry_out, locked
from ._settle import changed
from ._terms import NotPriced, item_of, pinned, price_of, to_alter

SAME_LENGTH = 7  # days by which a supply may differ from how often it is sent


@act(undo=60)
def alter(
    subscription_id: str,
    *,
    item: str | None,
    price: str | None,
    quantity: int | None,
    proration: str,
    reason: str,
    quoted: Quoted,
    by: Actor,
) -> Change:
    """Another cadence or quantity of the same product. Raises NotChangeable, NotPriced, UnderWay, NoQuote, Invalid."""
    one = locked(subscription_id)
    items = one.items()
    chosen = item_of(items, item)
    if price and price_of(one, chosen, price).product_id != chosen.product_id:
        raise NotPriced("That is the price of another product: swap it instead.", field="price")
    intent = to_alter(
        one, items, now=performing().now, item=item, price=price, quantity=quantity, proration=proration
    )
    _warn_of_supply(one, chosen, intent)
    return carry_out(alters, one, pinned(one, intent, quoted), quoted, reason=reason)


def _warn_of_supply(one: Subscription, item: SubscriptionItem, intent: Intent) -> None:
    """A prescription's supply and how often it is sent should be as long."""
    product = Product.get(item.product_id) if item.product_id else None
    if product is None or not product.needs_prescription or one.customer_id is None:
        return
    price = Price.by_external(str(intent.arguments["items"][0]["price"]))
    days = {
        rx.days_supply
        for rx in Prescription.of_customer(one.customer_id, [product.sku])
        if rx.status == "active"
    }
    if price and days and all(abs((each or price.days) - price.days) > SAME_LENGTH for each in days):
        lasts = ", ".join(str(each) for each in sorted(filter(None, days)))
        warn(
            f"What is prescribed lasts {lasts} days, and this comes {price.cadence}: ask the clinician whether that fits."
        )


alters = changes.keeps("subscriptions.alter", "billing.alter", then=changed)
