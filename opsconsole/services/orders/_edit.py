"""Changing what an order consists of, before it is handed over: another strength, more, fewer, one line less or more.

Each line has a version. Who edits a line says which one they saw: two who edit different lines do not disturb each other,
and the second who edits the same one is told what the first one did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select

from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import Order, OrderLine, Product
from .._act import act, performing, say, tell_change
from .._actor import Actor
from ._bill import Bill, settle_up
from ._gone import in_our_hands, locked, too_late
from ._line_changed import as_seen
from ._note import note as write_note

MOST = 1000  # pieces of one line
WhenEdited = Callable[[Order, Sequence[OrderLine]], None]
_done: list[WhenEdited] = []


class NotEditable(Refused):
    """It left our hands, would have nothing left, or less than what went back for it."""


@dataclass(frozen=True)
class LineEdit:
    """How a line is to be: `line` is its id, None adds one. What is None stays as it is; a quantity of 0 drops it.
    `unit_price` in minor units, only with another product; the registry's unless given. `seen` is the version that was
    seen. `said_in` is where."""

    line: str | None
    sku: str | None
    quantity: int | None
    unit_price: int | None
    seen: int | None
    said_in: str = field(default="lines", compare=False)


def when_edited(do: WhenEdited) -> WhenEdited:
    """Mark what is asked of an order that was edited, with the lines that were: (order, lines). It tells what follows from
    that, and refuses by raising."""
    _done.append(do)
    return do


@act(private=("note",))
def edit(order_id: str, *, lines: Sequence[LineEdit], note: str = "", by: Actor) -> Order:
    """Change lines of an order that no pharmacy has; a fill that was only planned is taken back.

    Products are those of the registry, at its price of today unless who brings one in says what it costs.
    The subtotal follows the lines, the tax stays in proportion to what it is charged on (`Bill.with_lines`). When it costs
    more, it is to be paid further before it goes out; when less, the preview says how much to refund. What needs another
    prescription waits at its gate and is not refused. Raises NotEditable, LineChanged, Invalid.
    """
    if not lines:
        raise Invalid({"lines": ["Change one line at least."]})
    order = locked(order_id)
    if not in_our_hands(order):
        raise NotEditable(too_late(order, "edited"))
    before = Bill.of(order)
    edited = [_make(order, one) if one.line is None else _change(order, one) for one in _each_once(lines)]
    db.session.flush()
    left = order.lines()
    if not left:
        raise NotEditable("An order keeps one line at least: cancel it instead.", field="lines")
    before.with_lines(sum(line.amount for line in left)).put_on(order)
    for do in _done:
        do(order, edited)
    settle_up(order, before)
    if note:
        write_note(order.id, text=note, phi=False, by=by)
    say(
        f"Edited order {order.reference}: {', '.join(line.label for line in edited)}; now {order.total_money}"
    )
    return order


def _each_once(lines: Sequence[LineEdit]) -> Sequence[LineEdit]:
    named = [one.line for one in lines if one.line]
    for one in lines:
        if named.count(one.line or "") > 1:
            raise Invalid({one.said_in: ["Name each line once."]})
        if one.quantity is not None and not 0 <= one.quantity <= MOST:
            raise Invalid({one.said_in: [f"Between 0 and {MOST:,} pieces."]})
    return lines


def _change(order: Order, asked: LineEdit) -> OrderLine:
    line = OrderLine.get(asked.line or "")
    if line is None or line.order_id != order.id:
        raise Invalid({asked.said_in: ["This order has no such line."]})
    as_seen(line, asked.seen, said_in=asked.said_in)
    swaps = bool(asked.sku) and asked.sku != line.sku
    if asked.quantity == 0:
        _drop(line)
        return line
    if not swaps and asked.unit_price is not None:
        raise Invalid({asked.said_in: ["What one costs changes only with another product."]})
    if not swaps and asked.quantity in (None, line.quantity):
        raise Invalid({asked.said_in: ["Nothing about this line would change."]})
    product = _product(asked) if swaps else None
    price = _price(asked, product, order) if product else line.unit_price
    quantity = asked.quantity or line.quantity
    if product:
        line.sku, line.name = product.sku, product.name
    line.quantity, line.unit_price, line.amount = quantity, price, quantity * price
    line.version += 1
    return line


def _drop(line: OrderLine) -> None:
    """It stays in the database, for who looks back."""
    line.dropped_at = performing().now
    line.version += 1
    tell_change(line, "quantity", str(line.quantity), "0: dropped")


def _make(order: Order, asked: LineEdit) -> OrderLine:
    product, quantity = _product(asked), asked.quantity or 0
    if not quantity:
        raise Invalid({asked.said_in: ["Say how many pieces to add."]})
    last = select(func.max(OrderLine.position)).where(OrderLine.order_id == order.id)
    price = _price(asked, product, order)
    return OrderLine(
        order_id=order.id, position=(db.session.scalar(last) or 0) + 1, sku=product.sku, name=product.name,
        quantity=quantity, currency=order.currency, unit_price=price, amount=quantity * price,
    ).add()  # fmt: skip


def _product(asked: LineEdit) -> Product:
    query = select(Product).where(Product.sku == (asked.sku or ""), Product.active)
    found = db.session.scalar(query)
    if found is None:
        raise Invalid({asked.said_in: ["Choose a product of the registry that can be bought now."]})
    return found


def _price(asked: LineEdit, product: Product, order: Order) -> int:
    """What one costs: as who edits says, else as the registry does today, in minor units of the order's currency."""
    price = asked.unit_price
    if price is None and product.currency == order.currency:
        price = product.price
    if price is None:
        raise Invalid({asked.said_in: [f"The registry has no price of {product.sku}: say what one costs."]})
    if price < 0:
        raise Invalid({asked.said_in: ["A price cannot be below zero."]})
    return price
