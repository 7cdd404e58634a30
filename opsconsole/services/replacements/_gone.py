"""What of an order has left, and may be made good: not what is still here, was given back, or is made good already."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ...lib.refusal import Invalid, Refused
from ...models import (
    Fill,
    FillStatus,
    Order,
    OrderKind,
    OrderLine,
    OrderStatus,
    Product,
    ProductKind,
    Replacement,
)
from .. import refunds

_S = OrderStatus
_LEFT = {_S.SHIPPED, _S.DELIVERED, _S.CLOSED, _S.RETURNED}
_NOTHING_WENT = {_S.CANCELED, _S.REJECTED}


class NotSent(Refused):
    """It has not left the pharmacy: nothing of it can be lost or broken yet."""


class AlreadyRefunded(Refused):
    """The money went back: nothing is owed any more."""


class AlreadyReplaced(Refused):
    """A replacement of the same lines stands."""


class NotTogether(Refused):
    """The lines left in several fills, and one replacement makes one of them good."""


@dataclass(frozen=True)
class Gone:
    """Lines of an order that left together, and the fill in which they did; None where no pharmacy of ours is known to
    have sent them."""

    lines: Sequence[OrderLine]
    fill: Fill | None

    @property
    def ids(self) -> list[str]:
        return [line.id for line in self.lines]


def gone(order: Order, asked: Sequence[str]) -> Gone:
    """What is to be made good: the lines that are asked for, or all that left, with the order locked.

    Raises NotSent, AlreadyRefunded, AlreadyReplaced, NotTogether, Invalid.
    """
    fills = [fill for fill in Fill.of_order(order.id) if fill.status == FillStatus.SHIPPED]
    if why_not := why_not_sent(order, sent=bool(fills)):
        raise NotSent(why_not)
    _not_refunded(order)
    shipped = _shipped(order, fills)
    by_id = {line.id: line for line in shipped}
    if strange := [id for id in asked if id.rsplit("/", 1)[-1] not in by_id]:
        raise Invalid({"lines": [f"{strange[0][:60]} is no line of this order that was shipped."]})
    wanted = list(dict.fromkeys(id.rsplit("/", 1)[-1] for id in asked)) or _all_that_may(order, shipped)
    chosen = [line for line in shipped if line.id in wanted]
    _lines_not_refunded(order, wanted)
    _not_replaced(order, wanted)
    return Gone(chosen, _together(chosen, fills))


def why_not_sent(order: Order, *, sent: bool) -> str | None:
    """Why nothing of the order can be made good as far as its way tells; None when it can. `sent`: a fill of it shipped."""
    if order.status in _NOTHING_WENT:
        return f"Nothing of it was sent: it was {order.status}."
    if order.status in _LEFT or sent:
        return None
    return "It has not left the pharmacy: cancel it, or wait until it has."


def why_refunded(order: Order) -> str | None:
    """A replacement owes what the order owed, so what counts is the money of the order that was paid for."""
    refunded = order.payment_status == "refunded" and order.total > 0
    return (
        "All the money went back already, so nothing is owed. A reorder sends it again." if refunded else None
    )


def bought(order: Order) -> Order:
    """The order that was paid for: the first of a row of replacements."""
    while order.kind == OrderKind.REPLACEMENT and order.parent_order_id:
        order = Order.require(order.parent_order_id)
    return order


def _not_refunded(order: Order) -> None:
    paid_for = bought(order)
    if why_not := why_refunded(paid_for):
        raise AlreadyRefunded(why_not)
    paid = paid_for.paid()
    captured = sum(one.left.captured for one in paid)
    on_its_way = sum(
        refund.amount
        for one in paid
        for refund in one.refunds
        if refund.status not in ("failed", "withdrawn")
    )
    if captured and on_its_way >= captured:
        raise AlreadyRefunded(
            "All the money is on its way back. Undo that refund before you replace anything."
        )


def _lines_not_refunded(order: Order, wanted: Collection[str]) -> None:
    for part in refunds.parts(order):
        if part.line and part.line.id in wanted and part.paid.total and not part.left.total:
            words = f"{part.name[0].upper()}{part.name[1:]} was refunded in full: nothing is owed for it."
            raise AlreadyRefunded(words, field="lines")


def _shipped(order: Order, fills: Sequence[Fill]) -> list[OrderLine]:
    """The lines that pharmacies sent; where none tells, all that are no service."""
    lines = order.lines()
    if fills:
        sent = {item["line"] for fill in fills for item in fill.items}
        return [line for line in lines if line.id in sent]
    products = Product.each(line.product_id for line in lines)
    return [
        line
        for line in lines
        if line.product_id not in products or products[line.product_id].kind != ProductKind.SERVICE
    ]


def _all_that_may(order: Order, shipped: Sequence[OrderLine]) -> list[str]:
    """Asked for nothing in particular: whatever is not made good or given back already, or all of it to be refused."""
    replaced = {id for one in Replacement.of_order(order.id) if one.stands for id in one.lines}
    left = {
        part.line.id
        for part in refunds.parts(order)
        if part.line and (part.left.total or not part.paid.total)
    }
    return [line.id for line in shipped if line.id in left - replaced] or [line.id for line in shipped]


def _not_replaced(order: Order, wanted: Collection[str]) -> None:
    for standing in Replacement.of_order(order.id):
        if standing.stands and set(standing.lines) & set(wanted):
            by = Order.require(standing.new_order_id)
            words = f"{by.reference} replaces it already, and is {standing.status.replace('_', ' ')}."
            raise AlreadyReplaced(f"{words} If that one went wrong too, replace that one.", field="lines")


def _together(chosen: Sequence[OrderLine], fills: Sequence[Fill]) -> Fill | None:
    of = [fill for fill in fills if {item["line"] for item in fill.items} & {line.id for line in chosen}]
    if len(of) > 1:
        raise NotTogether(
            "These lines left in several parcels: replace those of one at a time.", field="lines"
        )
    return of[0] if of else None
