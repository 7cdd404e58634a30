"""Scenes in which a customer has a card saved at Stripe, and an order waits for its money."""

from __future__ import annotations

from typing import Any

from ..house import House
from ..kept import scene
from ..scenes import processor


@scene
def with_card(house: House, method: str | None = "pm_card_visa", *, customer: str = "cust-1") -> str:
    """The customer is known at Stripe, with that card as the one to be charged. Returns Stripe's id of them."""
    stripe = processor(house)
    made = stripe.customers.create({"email": f"{customer}@example.test", "name": "Jo Field"})
    if method:
        save_card(house, made.id, method)
    told = {"reference": customer, "name": "Jo Field", "email": f"{customer}@example.test"}
    house.api("shop").post("/customers", told | {"external_ids": {"stripe": made.id}})
    house.drain()
    return str(made.id)


@scene
def save_card(house: House, known_as: str, method: str) -> str:
    """They save a card and make it their default. Returns its id."""
    stripe = processor(house)
    card = stripe.payment_methods.attach(method, {"customer": known_as})
    stripe.customers.update(known_as, {"invoice_settings": {"default_payment_method": card.id}})
    house.drain()
    return str(card.id)


@scene
def unpaid(house: House, amount: str = "60.00", *, customer: str = "cust-1") -> Any:
    """An order that waits for its money. Its JSON."""
    house.orders += 1
    made = house.api("shop").post(
        "/orders",
        {
            "reference": f"R{house.orders:04}", "customer": customer, "total": amount,
            "lines": [{"sku": "NC60", "name": "Night cream, 60 days", "quantity": 1, "unit_price": amount}],
        },
    )  # fmt: skip
    house.drain()
    return house.api().get(made["subject"])


@scene
def collect(house: House, order: Any, role: str = "demo", **more: Any) -> Any:
    """Plan to charge the saved card. The collection's JSON."""
    done = house.api(role).post(f"{order['url']}/collect", {}, **more)
    return house.api().get(done["subject"])


def charged(house: House) -> list[int]:
    """What was really taken from saved cards, in minor units, from the sandbox's own book."""
    book = house.sandbox.ledger("payment")
    return [entry["amount"] for entry in book if (entry["metadata"] or {}).get("opsconsole_ref")]
