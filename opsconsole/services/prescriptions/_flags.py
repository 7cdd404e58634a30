"""The clinic's flags that block something for a customer. Which they are is for clinicians, that there are is for all."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ...models import FlagEffect, FlagKind, Order, Product, ReviewFlag


def flags_against(
    customer_id: str, order: Order | None, products: Collection[Product]
) -> Sequence[ReviewFlag]:
    """Those that stand and concern these products: a flag of another order concerns only that one; what speaks of pregnancy,
    only products that may not be taken then; anything else, all that needs a prescription. One statement."""
    needing = [product for product in products if product.needs_prescription]
    if not needing:
        return []
    unfit = any(product.not_in_pregnancy for product in needing)
    return [
        flag
        for flag in ReviewFlag.open_of(customer_id, FlagEffect.BLOCK)
        if flag.order_id in (None, order.id if order else None) and (flag.kind != FlagKind.PREGNANCY or unfit)
    ]
