"""The shop tells us of a product: written down once per sku, kept up to date after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import Product, ProductKey, ProductKind, UnmappedKey
from .._act import act, performing, say
from .._actor import Actor
from ._map import settle_key


class KeyTaken(Refused):
    """Another product has that key of the other system."""


@dataclass(frozen=True)
class KeyFacts:
    """How one system knows the product."""

    system: str
    key: str


@act
def record(
    *,
    sku: str,
    name: str,
    kind: str,
    form: str | None,
    strength: str | None,
    needs_prescription: bool,
    active: bool,
    price: int | None = None,
    currency: str = "usd",
    keys: Sequence[KeyFacts],
    quantity: Decimal | None = None,
    unit: str | None = None,
    days_supply: int | None = None,
    min_age: int | None = None,
    not_in_pregnancy: bool = False,
    by: Actor,
) -> Product:
    """Write a product down, or correct what we know of one. Keys are added, and what waited for one of them goes on; those
    we know already stay. `price` is what one costs today, before tax, in minor units of `currency`; what is told without
    one cannot be reordered. A prescription for one says `quantity` of `unit` for `days_supply`; who is younger than
    `min_age` or pregnant may not take it.

    The same facts again change nothing. Raises KeyTaken, and Invalid when kind and prescription contradict.
    """
    if words := _CONTRADICTIONS.get((ProductKind(kind), needs_prescription)):
        raise Invalid({"needs_prescription": [words]})
    product = db.session.scalar(select(Product).where(Product.sku == sku).with_for_update())
    if product is None:
        product = Product(sku=sku, created_at=performing().now)
        say(f"Recorded product {sku}")
    else:
        say(f"Updated product {sku}")
    product.name, product.kind, product.form, product.strength = name, kind, form, strength
    product.needs_prescription, product.active = needs_prescription, active
    product.price, product.currency = price, None if price is None else currency
    product.quantity, product.unit, product.days_supply = quantity, unit, days_supply
    product.min_age, product.not_in_pregnancy = min_age, not_in_pregnancy
    product.add()
    for known in keys:
        _know(product, known)
    return product


_CONTRADICTIONS = {
    (ProductKind.PRESCRIPTION, False): "A product of kind prescription needs one: send true.",
    (ProductKind.OTC, True): "What is sold over the counter needs no prescription: send false.",
}


def _know(product: Product, known: KeyFacts) -> None:
    owner = Product.by_key(known.system, known.key)
    if owner is not None and owner.id != product.id:
        raise KeyTaken(f"{known.system} {known.key} belongs to product {owner.sku}.", field="keys")
    if owner is None:
        now = performing().now
        ProductKey(product_id=product.id, system=known.system, key=known.key, as_of=now, created_at=now).add()
        if (unmapped := UnmappedKey.of(known.system, known.key)) is not None and not unmapped.final:
            settle_key(UnmappedKey.lock(unmapped.id), product)
