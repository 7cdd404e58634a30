"""Ordering the same again: one act looks at everything, makes the new order and has the saved card charged."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from sqlalchemy import select

from ...db import db
from ...lib.refusal import Refused
from ...models import Customer, Order, OrderKind, OrderLine, OrderStatus, ShipTo
from .. import orders, payments
from .._act import act, performing, say, warn
from .._actor import Actor
from ..gates import Blocker
from ._blockers import blockers
from ._prices import Today, today

_S = OrderStatus
_WHY_NOT = {
    _S.DRAFT: "The customer never finished checking out.",
    _S.AWAITING_VISIT: "It is not paid yet: go on with this one.",
    _S.IN_REVIEW: "It is not paid yet: go on with this one.",
    _S.AWAITING_RX: "It is not paid yet: go on with this one.",
    _S.AWAITING_PAYMENT: "It is not paid yet: go on with this one.",
    _S.REJECTED: "A clinician declined it: only a new visit can change that.",
}


class NotReorderable(Refused):
    """It was never bought, or may not be bought."""


class Blocked(Refused):
    """Something stands in the way; `blockers` says all of it."""


@act(undo=60)
def place(order_id: str, *, card: str | None, ship_to: ShipTo | None = None, by: Actor) -> Order:
    """Order the same again at today's price, and charge the customer's saved card with it.

    `card` is the processor's id of the card, as `payments.ask_card` has just read it; `ship_to` is where it goes instead of
    where the old order went. The new order waits for its payment and then goes to a pharmacy as any that is ready; when
    the card is declined it goes on waiting. Raises NotReorderable, and Blocked with all that stands in the way.
    """
    Customer.lock(Order.require(order_id).customer_id)
    old = Order.lock(order_id)
    if why := why_not_reorder(old):
        raise NotReorderable(why)
    at, goes_to = today(old), ship_to or old.ships_to
    if found := blockers(old, at, ship_to=goes_to, card=card, now=performing().now):
        raise Blocked(_in_words(found), blockers=[one.as_json for one in found])
    _warn_of_others(old)
    order = _order(old, at, goes_to)
    if at.total:
        payments.collect(order.id, card=card, by=by)
    else:
        payments.ready_if_paid(order)
    say(f"Reordered {old.reference} as {order.reference} for {at.total_money}")
    return order


def why_not_reorder(order: Order) -> str | None:
    """Why an order is none to be ordered again; None for one that is."""
    return _WHY_NOT.get(_S(order.status))


def _warn_of_others(old: Order) -> None:
    """The customer gets all of them: is that what they want?"""
    if orders.in_our_hands_still(old):
        warn(f"{old.reference} itself has not gone to a pharmacy yet: the customer will get both.")
    for child in old.children():
        if child.kind == OrderKind.REORDER and child.status != _S.CANCELED:
            warn(
                f"It was reordered on {child.placed_at:%-d %b %Y} as {child.reference}: the customer gets that too."
            )


def _order(old: Order, at: Today, goes_to: ShipTo | None) -> Order:
    order = Order(
        status=_S.AWAITING_PAYMENT,
        kind=OrderKind.REORDER,
        parent_order_id=old.id,
        customer_id=old.customer_id,
        reference=_reference(old),
        currency=at.currency,
        subtotal=at.subtotal,
        shipping=at.shipping,
        tax=at.tax,
        discount=0,
        total=at.total,
        placed_at=performing().now,
        ship_to=goes_to.as_json if goes_to else None,
        created_at=performing().now,
    ).add()
    for one in at.lines:
        assert one.product and one.price is not None, "what is not sold blocks"
        OrderLine(
            order_id=order.id, position=one.line.position, sku=one.line.sku, name=one.product.name,
            quantity=one.line.quantity, currency=at.currency, unit_price=one.price, amount=one.amount,
        ).add()  # fmt: skip
    orders.have_checked(order)
    return order


def _reference(old: Order) -> str:
    """The first order's number with "-2", "-3" …: the first that is free. The customer is locked, and with them the numbers
    of what they bought."""
    first = old
    while first.kind == OrderKind.REORDER and first.parent_order_id:
        first = Order.require(first.parent_order_id)
    for number in count(2, 20):
        wanted = [f"{first.reference[:90]}-{at}" for at in range(number, number + 20)]
        taken = set(db.session.scalars(select(Order.reference).where(Order.reference.in_(wanted))))
        if free := next((one for one in wanted if one not in taken), None):
            return free
    raise AssertionError("numbers do not end")


def _in_words(found: Sequence[Blocker]) -> str:
    things = "One thing stands" if len(found) == 1 else f"{len(found)} things stand"
    return f"{things} in the way of this reorder."
