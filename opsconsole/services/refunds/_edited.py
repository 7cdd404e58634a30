"""An order is edited: no part of it may cost less than what went back for it."""

from __future__ import annotations

from collections.abc import Sequence

from ...lib.money import Money
from ...models import Order, OrderLine, RefundLine
from .. import orders
from ._lines import parts


@orders.when_edited
def not_below_what_went_back(order: Order, edited: Sequence[OrderLine]) -> None:
    """Raises NotEditable. Refunds of an amount count against the payment, not against lines."""
    given = RefundLine.given_back([order.id]).get(order.id, {})
    for part in parts(order):
        back = given.pop(part.line.id if part.line else None, (0, 0))[0]
        if back > part.paid.total:
            words = f"{Money(back, order.currency)} was given back for {part.name}: it cannot cost less than that."
            raise orders.NotEditable(words, field="lines")
    for line in edited:
        if line.id in given:
            back = given[line.id][0]
            words = f"{Money(back, order.currency)} was given back for {line.label}: it cannot be dropped."
            raise orders.NotEditable(words, field="lines")
