"""Reading products."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from ...models import Product, ProductKey
from .._find import Filter, Listing, exactly


def _known_as(value: str) -> ColumnElement[bool]:
    return Product.id.in_(select(ProductKey.product_id).where(ProductKey.key == value))


LIST = Listing(
    Product,
    {
        "sku": exactly(Product.sku, "Our own number of it.", few=True),
        "key": Filter(_known_as, "Any other system's key of it.", few=True),
    },
    sorts=("created_at", "name"),
)
find = LIST.find
