"""What an order's page tells of what replaces or reorders it, and the act of replacing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..models import Fill, Order, OrderKind, Replacement
from ..services import replacements
from ._listing import act_on


@dataclass(frozen=True)
class Linked:
    """The order that this one was made of, those that were made of it, and the replacements among them by the new order's
    id."""

    parent: Order | None
    children: Sequence[Order]
    replacements: Mapping[str, Replacement]

    @property
    def any(self) -> bool:
        return bool(self.parent or self.children)

    def told(self, made: Order) -> str:
        """Why `made` was made, as the end of a sentence; empty for what is no replacement."""
        found = self.replacements.get(made.id)
        return replacements.REASONS[found.reason].told if found else ""

    @property
    def as_json(self) -> dict[str, Any]:
        return {
            "parent": self.parent.url if self.parent else None,
            "children": [child.url for child in self.children],
            "replacements": [one.url for one in self.replacements.values()],
        }


def linked(order: Order) -> Linked:
    """Three statements at most: two for an order that nothing was made of."""
    parent = Order.get(order.parent_order_id) if order.parent_order_id else None
    children = order.children()
    found = (
        Replacement.of_order(order.id) if any(one.kind == OrderKind.REPLACEMENT for one in children) else []
    )
    if order.kind == OrderKind.REPLACEMENT and (own := Replacement.making(order)):
        found = [*found, own]
    return Linked(parent, children, {one.new_order_id: one for one in found})


def replace_on(order: Order, fills: Sequence[Fill] = (), made: Linked | None = None) -> dict[str, Any]:
    """The act of sending it again for nothing, as the order's page offers it."""
    why_not = replacements.why_not_issue(order, fills) or (_replaced(order, made) if made else None)
    return act_on(order, "replacements.issue", f"{order.url}/replace", "Replace", why_not=why_not)


def _replaced(order: Order, made: Linked) -> str | None:
    """Why there is nothing left of it to replace."""
    standing = [one for one in made.replacements.values() if one.order_id == order.id and one.stands]
    if not standing or {line.id for line in order.lines()} - {id for one in standing for id in one.lines}:
        return None
    by = ", ".join(
        child.reference for child in made.children if child.id in {one.new_order_id for one in standing}
    )
    return f"{by} replaces it already. If that went wrong too, replace that one."
