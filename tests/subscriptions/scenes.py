"""Scenes with a customer who has subscribed: a card, a prescription, an address, and a price at Stripe."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from opsconsole.models import Customer, Product, ProductKey
from opsconsole.services import transaction

from ..gates.scenes import HOME, SKU, prescribed, served, today
from ..house import House
from ..kept import scene
from ..payments.card_scenes import with_card
from ..scenes import processor

DAY = 86400


@scene
def shop_with_prices(
    house: House, *, sku: str = SKU, amounts: dict[tuple[str, int], int] | None = None
) -> dict[Any, str]:
    """A product with its prices at Stripe, by (interval, count): a month for 38 dollars, two for 70. Returns their ids."""
    stripe = processor(house)
    made = stripe.products.create({"name": "Product 1", "metadata": {"sku": sku}})
    found = {}
    for (interval, count), amount in (amounts or {("month", 1): 3800, ("month", 2): 7000}).items():
        price = stripe.prices.create(
            {
                "product": made.id, "currency": "usd", "unit_amount": amount,
                "recurring": {"interval": interval, "interval_count": count},
            }
        )  # fmt: skip
        found[interval, count] = price.id
    with house.app.app_context(), transaction():
        product = house.rows("select id from products where sku = :sku", sku=sku)[0].id
        for key in found.values():
            ProductKey(
                product_id=product, system="stripe_price", key=key, as_of=datetime.now().astimezone()
            ).add()
    return found


@scene
def subscribed(
    house: House, *, customer: str = "cust-1", method: str = "pm_card_visa", prices: dict[Any, str] | None = None,
    every: tuple[str, int] = ("month", 1), rx_days: int | None = 400, refills: int = 11, **more: Any,
) -> Any:  # fmt: skip
    """A live subscription of a customer with all that it needs. Its JSON."""
    stripe = processor(house)
    known_as = with_card(house, method, customer=customer)
    if not house.rows("select 1 from products where sku = :sku", sku=SKU):
        _sold(house)
    prices = prices or shop_with_prices(house)
    buyer = house.rows("select id from customers where reference = :reference", reference=customer)[0].id
    with house.app.app_context(), transaction():
        Customer.lock(buyer).ship_to = HOME
    if rx_days is not None:
        prescribed(house, customer, days=rx_days, refills=refills, external_id=f"rx-{customer}")
    made = stripe.subscriptions.create(
        {"customer": known_as, "items": [{"price": prices[every], "quantity": 1}], **more}
    )
    house.drain()
    return of(house, made.id)


def _sold(house: House) -> None:
    """The product can be had, with all that prescribing and filling it needs, where that is not there yet."""
    if not house.rows("select 1 from providers"):
        return served(house)
    with house.app.app_context(), transaction():
        Product(sku=SKU, name="Night cream", kind="prescription", form="cream", strength=None,
                needs_prescription=True, active=True).add()  # fmt: skip


def of(house: House, external_id: str) -> Any:
    """The subscription that Stripe calls so, as JSON."""
    [found] = house.api().get(f"/subscriptions?external_id={external_id}")["items"]
    return found


def again(house: House, subscription: Any) -> Any:
    return house.api().get(subscription["url"])


def charges(subscription: Any) -> list[date]:
    """The days on which it is charged next."""
    return [date.fromisoformat(one["on"]) for one in subscription["next"] if one["charged"]]


def at_stripe(house: House, subscription: Any) -> Any:
    return processor(house).subscriptions.retrieve(subscription["external_id"])


def paid_invoices(house: House, subscription: Any) -> list[Any]:
    """What Stripe has collected for it, the oldest first."""
    found = (
        processor(house).invoices.list({"subscription": subscription["external_id"], "status": "paid"}).data
    )
    return [one for one in reversed(found) if one.amount_paid]


@scene
def change(
    house: House, subscription: Any, verb: str, role: str = "demo", status: int = 201, **body: Any
) -> Any:
    """Ask for a change. The act's answer."""
    return house.api(role).post(f"{subscription['url']}/{verb}", body, status)


__all__ = [
    "DAY", "SKU", "again", "at_stripe", "change", "charges", "of", "paid_invoices", "prescribed", "shop_with_prices",
    "subscribed", "today",
]  # fmt: skip
