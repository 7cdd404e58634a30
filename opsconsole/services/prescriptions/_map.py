"""Prescriptions that wait until somebody says which product a key is of."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ...db import db
from ...models import Customer, Prescription, Product
from .. import products
from ._mirror import bring_up
from ._product import find_product


def waiting(system: str, key: str) -> Sequence[Prescription]:
    """Those that name the key and have no product, the oldest first."""
    query = select(Prescription).where(
        Prescription.sku.is_(None), Prescription.keys.contains([{"system": system, "code": key}])
    )
    return db.session.scalars(query.order_by(Prescription.created_at, Prescription.id)).all()


def _release(system: str, key: str, product: Product) -> Sequence[Prescription]:
    found = waiting(system, key)
    for customer_id in sorted({rx.customer_id for rx in found}):
        Customer.lock(customer_id)
    gone = []
    for rx in sorted((Prescription.lock(one.id) for one in found), key=lambda one: one.id):
        find_product(rx)
        if rx.sku is not None:
            bring_up(rx, rx.status)
            gone.append(rx)
    return gone


products.waits(products.Waiting("prescriptions", waiting, _release))
