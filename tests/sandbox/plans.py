"""Customers, prices and subscriptions for the tests of what bills again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import stripe

from .conftest import World

HOUR = 3600
DAY = 24 * HOUR


class Shop:
    """One product, its prices by name, and a way to make subscribers; amounts in cents."""

    def __init__(self, world: World) -> None:
        self.world, self.api = world, world.sdk.v1
        self.product = self.api.products.create({"name": "Plan A"}).id
        self.prices = {
            "month": self.price(3000),
            "big": self.price(6000),
            "quarter": self.price(8000, interval_count=3),
            "week": self.price(1000, "week"),
            "free": self.price(0),
            "euro": self.price(3000, currency="eur"),
        }

    def price(self, amount: int, interval: str = "month", **more: Any) -> str:
        count = more.pop("interval_count", 1)
        recurring = {"interval": interval, "interval_count": count}
        params: Any = {
            "product": self.product,
            "currency": "usd",
            "unit_amount": amount,
            "recurring": recurring,
        }
        return self.api.prices.create(params | more).id

    def customer(self, card: str | None = "pm_card_visa") -> str:
        id = self.api.customers.create().id
        if card:
            method = self.api.payment_methods.attach(card, {"customer": id}).id
            self.api.customers.update(id, {"invoice_settings": {"default_payment_method": method}})
        return id

    def subscribe(self, *prices: str, customer: str | None = None, **more: Any) -> stripe.Subscription:
        items = [{"price": self.prices[name]} for name in prices or ("month",)]
        params: Any = {"customer": customer or self.customer(), "items": items}
        return self.api.subscriptions.create(params | more)

    def again(self, subscription: stripe.Subscription) -> stripe.Subscription:
        return self.api.subscriptions.retrieve(subscription.id)

    def change(self, subscription: stripe.Subscription, **params: Any) -> stripe.Subscription:
        wanted: Any = params
        return self.api.subscriptions.update(subscription.id, wanted)

    def swap(self, subscription: stripe.Subscription, price: str, **more: Any) -> stripe.Subscription:
        (item,) = subscription.items.data
        return self.change(subscription, items=[{"id": item.id, "price": self.prices[price]}], **more)

    def invoices(self, subscription: stripe.Subscription) -> list[stripe.Invoice]:
        """Oldest first."""
        return self.api.invoices.list({"subscription": subscription.id, "limit": 100}).data[::-1]

    def latest(self, subscription: stripe.Subscription) -> stripe.Invoice:
        latest = self.again(subscription).latest_invoice
        assert isinstance(latest, str)
        return self.api.invoices.retrieve(latest)

    def pending(self, subscription: stripe.Subscription) -> list[int]:
        """What waits for the next invoice, in the order it was added."""
        assert isinstance(subscription.customer, str)
        items = self.api.invoice_items.list(
            {"customer": subscription.customer, "pending": True, "limit": 100}
        ).data
        return [item.amount for item in items][::-1]

    def card_says(self, subscription: stripe.Subscription, word: str | None) -> None:
        """The bank of the customer's card changes its mind: to a word of `_banks.NOS`, or to yes."""
        assert isinstance(subscription.customer, str)
        self.world.sandbox.stripe.card_behaves(subscription.customer, word)

    def told(self, about: str = "customer.subscription.") -> list[str]:
        """Every event ever told whose type begins so, oldest first (the API lists those of 30 days)."""
        with self.world.sandbox.store.reading() as db:
            rows = db.execute(
                "SELECT facts ->> 'type' FROM stripe_objects WHERE kind = 'event' ORDER BY seq"
            ).fetchall()
        return [type for (type,) in rows if type.startswith(about)]


def lines(invoice: stripe.Invoice) -> list[int]:
    return [line.amount for line in invoice.lines.data]


def refused(act: Callable[[], object]) -> stripe.InvalidRequestError:
    try:
        act()
    except stripe.InvalidRequestError as error:
        return error
    raise AssertionError("Stripe would have refused this")


def ends(subscription: stripe.Subscription) -> int:
    return min(item.current_period_end for item in subscription.items.data)
