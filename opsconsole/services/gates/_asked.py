"""What is asked to leave: an order, or its like once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from ...lib.zones import today_in
from ...models import Fill, GateOverride, Order, OrderKind, OrderLine, Replacement, ShipTo


@dataclass(frozen=True)
class Line:
    sku: str
    quantity: int


def day_of(ship_to: ShipTo | None, at: datetime) -> date:
    """Which day it is for whom something is asked, at an instant: the calendar's day in the time zone of the state that it
    ships to, where the patient is and whose law counts. Where nobody told the state, the day in the East.

    Every gate counts in these days: a prescription or a licence holds until midnight there, an override as well, and
    nobody comes of age before that midnight.
    """
    return today_in(ship_to.state if ship_to else None, at)


@dataclass(frozen=True)
class Asked:
    """`on` is the day on which a pharmacy would be asked, see `day_of`. `order` is whose address it ships to, and whose
    pages lead to what is to be done: the order itself, or the one that is reordered or replaced; a renewal has none yet.
    `made_good` is the prescription (the vendor's id) from which a pharmacy makes up once more, without using a fill, what it
    or its carrier has spoilt: then none need be left. `overrides` are those of a clinician that stand, by their code."""

    customer_id: str
    lines: Sequence[Line]
    ship_to: ShipTo | None
    on: date
    order: Order | None
    made_good: str | None = None
    overrides: Mapping[str, GateOverride] = field(default_factory=dict)

    @classmethod
    def of(cls, order: Order, at: datetime, lines: Sequence[OrderLine] | None = None) -> Asked:
        """All of an order; only some of its lines, where given."""
        chosen = order.lines() if lines is None else lines
        asked = [Line(line.sku, line.quantity) for line in chosen]
        on = day_of(order.ships_to, at)
        stand = {one.code: one for one in reversed(GateOverride.of_order(order.id)) if one.stands(on)}
        return cls(order.customer_id, asked, order.ships_to, on, order, made_good(order), stand)

    @property
    def skus(self) -> list[str]:
        return list(dict.fromkeys(line.sku for line in self.lines))


def made_good(order: Order) -> str | None:
    """The prescription of which an order that replaces another one uses no fill; None for all others."""
    made = Replacement.making(order) if order.kind == OrderKind.REPLACEMENT else None
    if made is None or made.uses_fill or made.fill_id is None:
        return None
    return Fill.require(made.fill_id).prescription_id
