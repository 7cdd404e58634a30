"""Giving money back for single lines and for shipping: what is left of each, and how much of it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...lib.money import Money
from ...lib.refusal import Invalid, Refused
from ...models import Order, OrderLine, Refund, RefundLine
from ._allocate import Share, allocate, split


class NotRefundable(Refused):
    """More than is left of the line or of the payment, or nothing was paid."""


@dataclass(frozen=True)
class LineAsked:
    """One line to refund, `amount` minor units of it or all that is left. `said_in` is where the asker said it."""

    line: str
    amount: int | None = None
    said_in: str = field(default="lines", compare=False)


@dataclass(frozen=True)
class Part:
    """A line of an order, or its shipping where `line` is None: what was paid for it, and what is left of that."""

    line: OrderLine | None
    currency: str
    paid: Share
    left: Share

    @property
    def name(self) -> str:
        return self.line.label if self.line else "shipping"

    @property
    def paid_money(self) -> Money:
        return Money(self.paid.total, self.currency)

    @property
    def left_money(self) -> Money:
        return Money(self.left.total, self.currency)

    @property
    def refunded_money(self) -> Money:
        return Money(self.paid.total - self.left.total, self.currency)


@dataclass(frozen=True)
class Chosen:
    """So much of a part."""

    part: Part
    share: Share


def parts(order: Order) -> list[Part]:
    """The order's lines and, last, its shipping. Lock the order first when it decides anything."""
    return parts_of([order], {order.id: order.lines()})[order.id]


def parts_of(orders: Sequence[Order], lines: Mapping[str, Sequence[OrderLine]]) -> dict[str, list[Part]]:
    """The parts of several orders, whose lines are known, by order: one statement for all."""
    given = RefundLine.given_back([order.id for order in orders])
    return {order.id: _parts(order, lines[order.id], given.get(order.id, {})) for order in orders}


def _parts(
    order: Order, lines: Sequence[OrderLine], given: Mapping[str | None, tuple[int, int]]
) -> list[Part]:
    paid = allocate(
        [line.amount for line in lines], shipping=order.shipping, tax=order.tax, discount=order.discount
    )
    return [
        Part(line, order.currency, cost, _rest(cost, *given.get(line.id if line else None, (0, 0))))
        for line, cost in zip([*lines, None], paid, strict=True)
    ]


def _rest(paid: Share, amount: int, tax: int) -> Share:
    """Never below zero, also when a refund that had failed arrived after all."""
    return Share(max(0, paid.net - (amount - tax)), max(0, paid.tax - tax))


def choose(order: Order, lines: Sequence[LineAsked], shipping: int | None) -> list[Chosen]:
    """How much of which parts is asked for. Raises Invalid, and NotRefundable with the exact rest."""
    if not lines and shipping is None:
        return []
    of_order = parts(order)
    by_line = {part.line.id: part for part in of_order if part.line}
    chosen = list(_lines(by_line, lines))
    if shipping is not None:
        chosen.append(_some(of_order[-1], shipping, "shipping"))
    return chosen


def _lines(by_line: dict[str, Part], lines: Sequence[LineAsked]) -> Iterator[Chosen]:
    seen = set()
    for asked in lines:
        part = by_line.get(asked.line)
        if part is None:
            raise Invalid({asked.said_in: ["This order has no such line."]})
        if asked.line in seen:
            raise Invalid({asked.said_in: ["Name each line once."]})
        seen.add(asked.line)
        yield _some(part, asked.amount, asked.said_in)


def _some(part: Part, amount: int | None, said_in: str) -> Chosen:
    left = part.left.total
    if amount is not None and amount <= 0:
        raise Invalid({said_in: ["Refund more than nothing."]})
    if not left:
        raise NotRefundable(f"Nothing is left to refund of {part.name}.", field=said_in)
    if amount is not None and amount > left:
        raise NotRefundable(f"At most {part.left_money} of {part.name} can be refunded.", field=said_in)
    return Chosen(part, split(left if amount is None else amount, part.left))


def write_down(refund: Refund, chosen: Sequence[Chosen]) -> None:
    for one in chosen:
        RefundLine(
            refund_id=refund.id,
            line_id=one.part.line.id if one.part.line else None,
            currency=refund.currency,
            amount=one.share.total,
            tax=one.share.tax,
            created_at=refund.created_at,
        ).add()


def take_again(refund: Refund) -> None:
    """A failed refund is tried again: its lines must still be there. Raises NotRefundable with the exact rest."""
    of_refund = RefundLine.of(refund.id)
    if not of_refund:
        return
    left = {part.line.id if part.line else None: part for part in parts(Order.require(refund.order_id or ""))}
    for line in of_refund:
        chosen = _some(left[line.line_id], line.amount, "fix")
        line.tax = chosen.share.tax
