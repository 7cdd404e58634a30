"""Everything that keeps medicine from leaving, all of it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from ...db import db
from ...models import Prescription, Product, ProductKind
from ._asked import Asked
from ._blocker import Blocker
from ._prescribed import prescribed
from ._shippable import shippable


@dataclass(frozen=True)
class Checked:
    """`prescriptions` says from which prescription each product is filled that needs one. `unknown` are products that nobody
    registered: whether they need a prescription, only the pharmacy can say."""

    blockers: Sequence[Blocker]
    prescriptions: Mapping[str, Prescription]
    products: Mapping[str, Product]
    unknown: Sequence[str]

    @property
    def needs_prescription(self) -> bool:
        return any(product.needs_prescription for product in self.products.values())


def check(asked: Asked) -> Checked:
    """Prescriptions, licences, address and stock for what is asked. Payment, review and holds are the order's own, see
    `of_order`. At most seven statements, whatever the number of lines."""
    query = select(Product).where(Product.sku.in_(asked.skus))
    products = {product.sku: product for product in db.session.scalars(query)}
    shipped = [sku for sku in asked.skus if sku not in products or products[sku].kind != ProductKind.SERVICE]
    usable, wrong = prescribed(asked, products)
    ships = shippable(asked) if shipped else []
    return Checked([*wrong, *ships], usable, products, [sku for sku in asked.skus if sku not in products])
