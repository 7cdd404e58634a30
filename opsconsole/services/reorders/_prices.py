"""What an order costs when it is bought again today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from ...db import db
from ...lib.money import Money
from ...models import Order, OrderLine, Product


@dataclass(frozen=True)
class Priced:
    """A line of the old order, with the product as the registry has it now. `price` is of one, in minor units of the order's
    currency; None when it is not sold any more, or not for that currency."""

    line: OrderLine
    product: Product | None
    price: int | None

    @property
    def amount(self) -> int:
        return (self.price or 0) * self.line.quantity

    @property
    def was_money(self) -> Money:
        return Money(self.line.unit_price, self.line.currency)

    @property
    def money(self) -> Money | None:
        return None if self.price is None else Money(self.price, self.line.currency)

    @property
    def taxed(self) -> bool:
        return self.product is not None and not self.product.needs_prescription


@dataclass(frozen=True)
class Today:
    """The same lines at today's prices. Nothing is taken off: a discount was of its day."""

    lines: Sequence[Priced]
    currency: str
    shipping: int
    tax: int

    @property
    def sold(self) -> bool:
        """Is everything of it still sold?"""
        return all(one.price is not None for one in self.lines)

    @property
    def subtotal(self) -> int:
        return sum(one.amount for one in self.lines)

    @property
    def total(self) -> int:
        return self.subtotal + self.shipping + self.tax

    @property
    def total_money(self) -> Money:
        return Money(self.total, self.currency)


def today(order: Order) -> Today:
    """What the order would cost now. Two statements.

    Prices are the registry's. Shipping is what it was. Tax: what needs a prescription is not taxed; the rest is taxed at
    the rate that the old order was, which is its tax over what of it was taxed, on today's prices, rounded half up. Whether
    a rate has changed since, only a tax service could say.
    """
    lines = order.lines()
    query = select(Product).where(Product.sku.in_({line.sku for line in lines}))
    products = {product.sku: product for product in db.session.scalars(query)}
    priced = [_priced(line, products.get(line.sku)) for line in lines]
    return Today(priced, order.currency, order.shipping, _tax(order.tax, priced))


def _priced(line: OrderLine, product: Product | None) -> Priced:
    sold = product is not None and product.active and product.currency == line.currency
    return Priced(line, product, product.price if product and sold else None)


def _tax(then: int, priced: Sequence[Priced]) -> int:
    taxed = [one for one in priced if one.taxed]
    base = sum(one.line.amount for one in taxed)
    if not base:
        return 0
    return (2 * then * sum(one.amount for one in taxed) + base) // (2 * base)
