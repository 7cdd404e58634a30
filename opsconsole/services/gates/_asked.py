"""What is asked to leave: an order, or its like once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ...models import Fill, Order, OrderKind, OrderLine, Replacement, ShipTo


@dataclass(frozen=True)
class Line:
    sku: str
    quantity: int


@dataclass(frozen=True)
class Asked:
    """`on` is the day on which a pharmacy would be asked. `order` is whose address it ships to, and whose pages lead to what
    is to be done: the order itself, or the one that is reordered or replaced; a renewal has none yet. `made_good` is the
    prescription (the vendor's id) from which a pharmacy makes up once more, without using a fill, what it or its carrier has
    spoilt: then none need be left."""

    customer_id: str
    lines: Sequence[Line]
    ship_to: ShipTo | None
    on: date
    order: Order | None
    made_good: str | None = None

    @classmethod
    def of(cls, order: Order, on: date, lines: Sequence[OrderLine] | None = None) -> Asked:
        """All of an order; only some of its lines, where given."""
        chosen = order.lines() if lines is None else lines
        asked = [Line(line.sku, line.quantity) for line in chosen]
        return cls(order.customer_id, asked, order.ships_to, on, order, made_good(order))

    @property
    def skus(self) -> list[str]:
        return list(dict.fromkeys(line.sku for line in self.lines))


def made_good(order: Order) -> str | None:
    """The prescription of which an order that replaces another one uses no fill; None for all others."""
    made = Replacement.making(order) if order.kind == OrderKind.REPLACEMENT else None
    if made is None or made.uses_fill or made.fill_id is None:
        return None
    return Fill.require(made.fill_id).prescription_id
