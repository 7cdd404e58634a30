"""Where an order would go, as its page and its JSON tell it before it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..models import Fill, FillStatus, Order, Pharmacy
from ..services import fills, orders, routing
from ._page import now


@dataclass(frozen=True)
class WouldGo:
    """What the rules say, and the pharmacy that a person named for this order, which counts before them."""

    route: routing.Route
    named: Pharmacy | None
    named_why: str | None

    @property
    def as_json(self) -> dict[str, Any]:
        return {
            "named": {"pharmacy": self.named.url, "why": self.named_why} if self.named else None,
            "rules": f"/routing/{self.route.routing_id}",
            "to": [
                {
                    "pharmacy": one.pharmacy.url, "why": one.why, "lines": [line.id for line in one.lines],
                    "not_elsewhere": [
                        {"pharmacy": other.pharmacy.url, "why_not": other.why_not} for other in one.others
                    ],
                }
                for one in self.route.choices
            ],
            "nowhere": [
                {"line": line.id, "not": [{"pharmacy": o.pharmacy.url, "why_not": o.why_not} for o in others]}
                for line, others in self.route.nowhere
            ],
        }  # fmt: skip


def would_go(order: Order, of_order: Sequence[Fill]) -> WouldGo | None:
    """None for an order that has gone, or that nobody told an address of."""
    gone = any(fill.status not in (FillStatus.WITHDRAWN, FillStatus.CANCELED) for fill in of_order)
    if gone or not orders.in_our_hands_still(order):
        return None
    route = fills.would_go(order, now().date())
    if route is None:
        return None
    named = Pharmacy.get(order.pharmacy_id) if order.pharmacy_id else None
    return WouldGo(route, named, order.pharmacy_why)
