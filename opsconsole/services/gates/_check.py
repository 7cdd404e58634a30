"""Everything that keeps medicine from leaving, all of it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from ...db import db
from ...models import Prescription, Product, ProductKind, StateRule
from ._asked import Asked
from ._blocker import Blocker
from ._clinical import clinical
from ._prescribed import prescribed
from ._shippable import shippable


@dataclass(frozen=True)
class Checked:
    """`prescriptions` says from which prescription each product is filled that needs one. `unknown` are products that nobody
    registered: whether they need a prescription, only the pharmacy can say. `overridden` is what would keep it here, had no
    clinician said otherwise."""

    blockers: Sequence[Blocker]
    prescriptions: Mapping[str, Prescription]
    products: Mapping[str, Product]
    unknown: Sequence[str]
    overridden: Sequence[Blocker] = ()

    @property
    def needs_prescription(self) -> bool:
        return any(product.needs_prescription for product in self.products.values())


def check(asked: Asked) -> Checked:
    """Prescriptions, what speaks against it for this patient, licences, address and stock for what is asked. Payment, review
    and holds are the order's own, see `of_order`. At most twelve statements, whatever the number of lines."""
    query = select(Product).where(Product.sku.in_(asked.skus))
    products = {product.sku: product for product in db.session.scalars(query)}
    shipped = [sku for sku in asked.skus if sku not in products or products[sku].kind != ProductKind.SERVICE]
    needs = any(product.needs_prescription for product in products.values())
    rule = StateRule.of(asked.ship_to.state, asked.on) if needs and asked.ship_to else None
    usable, wrong = prescribed(asked, products, rule)
    of_patient = clinical(asked, products, rule) if needs else ()
    ships = shippable(asked) if shipped else []
    all = [replace(one, override=asked.overrides.get(one.code)) for one in (*wrong, *of_patient, *ships)]
    return Checked(
        [one for one in all if not one.override], usable, products,
        [sku for sku in asked.skus if sku not in products], [one for one in all if one.override],
    )  # fmt: skip
