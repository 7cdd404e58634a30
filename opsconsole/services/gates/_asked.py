"""What is asked to leave: an order, or its like once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ...models import Order, OrderLine, ShipTo


@dataclass(frozen=True)
class Line:
    sku: str
    quantity: int


@dataclass(frozen=True)
class Asked:
    """`on` is the day on which a pharmacy would be asked. `order` is whose address it ships to, and whose pages lead to what
    is to be done: the order itself, or the one that is reordered or replaced."""

    customer_id: str
    lines: Sequence[Line]
    ship_to: ShipTo | None
    on: date
    order: Order

    @classmethod
    def of(cls, order: Order, on: date, lines: Sequence[OrderLine] | None = None) -> Asked:
        """All of an order; only some of its lines, where given."""
        chosen = order.lines() if lines is None else lines
        asked = [Line(line.sku, line.quantity) for line in chosen]
        return cls(order.customer_id, asked, order.ships_to, on, order)

    @property
    def skus(self) -> list[str]:
        return list(dict.fromkeys(line.sku for line in self.lines))
