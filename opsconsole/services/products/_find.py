"""Reading products, and the keys that are nobody's yet."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from ...models import Product, ProductKey, UnmappedKey, UnmappedStatus
from .._find import Filter, Listing, among, exactly


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
UNMAPPED = Listing(
    UnmappedKey,
    {
        "status": among(UnmappedKey.status, UnmappedStatus, "Whether somebody has said which product it is."),
        "key": exactly(UnmappedKey.key, "The other system's key.", few=True),
    },
)
find_unmapped = UNMAPPED.find
