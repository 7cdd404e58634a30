"""What a pharmacy has, and what it charges: told by people, or by a program of the pharmacy's or the shop's."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from ...db import db
from ...lib.money import Money
from ...lib.refusal import Invalid
from ...models import Pharmacy, PharmacyOffer, Product, Stock
from .._act import act, concerns, performing, say, warn
from .._actor import Actor

MOST = 10_000_00  # minor units: beyond this it is a slip of the finger
_CURRENCY = "usd"


@act
def offer(
    pharmacy_id: str, *, sku: str, stock: str, cost: int | None, back_on: date | None, by: Actor
) -> Pharmacy:
    """Say whether a pharmacy has a product, and what one costs us there, in cents of US dollars. `cost` may be left out of
    an offer that is known. `back_on` is for what is out. The same again changes nothing. Raises Invalid.
    """
    pharmacy = Pharmacy.lock(pharmacy_id)
    _sensible(stock, cost, back_on, performing().now.date())
    known = db.session.scalar(
        select(PharmacyOffer).where(PharmacyOffer.pharmacy_id == pharmacy.id, PharmacyOffer.sku == sku)
    )
    if known is None and cost is None:
        raise Invalid({"cost": ["Say what one costs there: nothing is known of it yet."]})
    if db.session.scalar(select(Product.id).where(Product.sku == sku)) is None:
        warn(f"No product is registered as {sku}. Look whether it is written as orders write it.")
    if known is None:
        known = PharmacyOffer(
            pharmacy_id=pharmacy.id, sku=sku, stock=stock, back_on=back_on, cost=cost, currency=_CURRENCY,
            created_at=performing().now,
        ).add()  # fmt: skip
    else:
        known.stock, known.back_on = stock, back_on
        known.cost = known.cost if cost is None else cost
    concerns(known.id)
    say(f"{pharmacy.name}: {sku} is {_words(known)}, {Money(known.cost, known.currency)} for one")
    return pharmacy


def _sensible(stock: str, cost: int | None, back_on: date | None, today: date) -> None:
    if stock not in [one.value for one in Stock]:
        raise Invalid({"stock": [f"Choose one of: {', '.join(Stock)}."]})
    if cost is not None and not 0 <= cost <= MOST:
        raise Invalid({"cost": [f"Choose an amount up to {Money(MOST, _CURRENCY)}."]})
    if back_on and stock != Stock.OUT:
        raise Invalid({"back_on": ["Only what is out comes back."]})
    if back_on and back_on < today:
        raise Invalid({"back_on": ["This day has passed."]})


def _words(known: PharmacyOffer) -> str:
    words = {Stock.IN_STOCK: "in stock", Stock.LOW: "low", Stock.OUT: "out"}[Stock(known.stock)]
    return words + (f" until {known.back_on:%-d %b %Y}" if known.back_on else "")
