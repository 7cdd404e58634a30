"""Invoices as they come about: made at Stripe, and heard of by the console."""

from __future__ import annotations

from typing import Any

from ..house import House
from ..kept import scene
from ..payments.card_scenes import with_card
from ..scenes import processor

CARD, BROKE = "pm_card_visa", "pm_card_chargeCustomerFail"


@scene
def drafted(house: House, amount: int = 60_00, *, customer: str = "cust-1", card: str | None = CARD) -> Any:
    """A draft that goes out in an hour, of a customer whose card is saved. Its JSON."""
    known_as = with_card(house, card, customer=customer)
    stripe = processor(house)
    made = stripe.invoices.create({"customer": known_as, "currency": "usd", "auto_advance": True})
    line = {
        "customer": known_as,
        "invoice": made.id,
        "amount": amount,
        "currency": "usd",
        "description": "Service fee",
    }
    stripe.invoice_items.create(line)
    house.drain()
    return called(house, made.id)


@scene
def sent(house: House, amount: int = 60_00, *, card: str = BROKE, **more: Any) -> Any:
    """An invoice that was sent, and that the card did not pay. Its JSON."""
    made = drafted(house, amount, card=card, **more)
    house.later(3700)
    return house.api().get(made["url"])


def called(house: House, external_id: str) -> Any:
    """The invoice that Stripe knows by that id, as JSON."""
    [found] = house.api().get(f"/invoices?external_id={external_id}")["items"]
    return found


@scene
def subscribed(house: House, amount: int = 60_00, *, customer: str = "cust-1", card: str = CARD) -> Any:
    """A monthly subscription whose first renewal was drafted just now. The draft's JSON."""
    known_as = with_card(house, card, customer=customer)
    stripe = processor(house)
    product = stripe.products.create({"name": "Night cream, 30 days"})
    recurring = {"interval": "month"}
    price = stripe.prices.create(
        {"product": product.id, "currency": "usd", "unit_amount": amount, "recurring": recurring}
    )
    made = stripe.subscriptions.create({"customer": known_as, "items": [{"price": price.id}]})
    house.drain()
    house.later(made["items"].data[0].current_period_end - made.created + 60)
    [draft, *_] = house.api().get("/invoices")["items"]
    return draft


@scene
def done(house: House, url: str, body: Any = None, *, wait: float = 61, role: str = "demo") -> Any:
    """Do it, let its undo window pass and Stripe be asked. The change's JSON."""
    answer = house.api(role).post(url, body or {})
    house.later(wait)
    return house.api().get(answer["subject"])
