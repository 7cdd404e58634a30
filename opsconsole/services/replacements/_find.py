"""Reading replacements."""

from __future__ import annotations

from sqlalchemy import or_

from ...models import Order, Replacement, ReplacementStatus
from .._find import Filter, Listing, among, exactly, one_of_ours


def _either(value: str) -> object:
    id = value.rsplit("/", 1)[-1]
    return or_(Replacement.order_id == id, Replacement.new_order_id == id)


LIST = Listing(
    Replacement,
    {
        "status": among(Replacement.status, ReplacementStatus, "How far it is on its way."),
        "reason": exactly(Replacement.reason, "Why, as a code."),
        "order": Filter(_either, "Of which order, or by which; an id or its URL.", few=True),  # type: ignore[arg-type]
        "customer": one_of_ours(Replacement.customer_id, "Whose; an id or its URL."),
    },
    shown=(
        Replacement.id, Replacement.status, Replacement.reason, Replacement.order_id, Order.reference.label("order"),
        Replacement.new_order_id, Replacement.currency, Replacement.value, Replacement.by, Replacement.created_at,
    ),
    beside={Order: Order.id == Replacement.order_id},
)  # fmt: skip
find = LIST.find
