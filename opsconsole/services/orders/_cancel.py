"""Calling an order off. Before it goes to a pharmacy it is free; then the pharmacy is asked, and decides; once it is on
its way it is too late. Money is given back by a refund, which is another act."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ...db import db
from ...lib.money import Money
from ...lib.refusal import Invalid, Refused
from ...models import Fill, Hold, HoldStatus, Order, OrderStatus, StatusMove
from .. import cases, payments
from .._act import act, performing, say, warn
from .._actor import Actor
from ._check_address import NOT_FOUND
from ._gone import in_our_hands, in_our_hands_still, locked, too_late
from ._hold import OVERDUE
from ._stop import ask_to_stop, why_not_stop

# Why, in the words people choose from.
REASONS = {
    "customer_request": "The customer does not want it any more",
    "duplicate": "It was ordered twice",
    "fraud": "It is fraud",
    "out_of_stock": "It cannot be delivered",
    "not_prescribed": "It was not prescribed",
    "mistake": "It was recorded by mistake",
    "other": "Something else",
}
_ON_ITS_WAY = "have the carrier stop its parcel, or give the money back."
_INSTEAD = {
    OrderStatus.SHIPPED: f"It is on its way and cannot be canceled any more: {_ON_ITS_WAY}",
    OrderStatus.DELIVERED: "It arrived and cannot be canceled any more: give the money back, or replace it.",
    OrderStatus.CLOSED: "It arrived and cannot be canceled any more: give the money back, or replace it.",
    OrderStatus.RETURNED: "The parcel came back and cannot be canceled any more: give the money back, or replace it.",
}


class NotCancelable(Refused):
    """It is on its way, or over, or the pharmacy cannot be asked now."""


@act
def cancel(order_id: str, *, reason: str, by: Actor) -> Order:
    """Call an order off. What was paid stays until it is refunded, and the preview says how much that is. What was to be
    collected from a card is not.

    Before it was handed to a pharmacy it is canceled at once. A pharmacy that has it is asked to stop, of each fill that
    is alive; the order is canceled when all of them did, and stays as it is when one would not, which is a case.
    `reason` is a code of REASONS. Raises NotCancelable, BeingCharged, Invalid, and what asking the pharmacy raises.
    """
    if reason not in REASONS:
        raise Invalid({"reason": [f"Choose one of: {', '.join(REASONS)}."]})
    order = locked(order_id)
    why = f"{REASONS[reason][0].lower()}{REASONS[reason][1:]}"
    if in_our_hands(order):
        payments.call_off(order)
        _end(order)
        warn("Nothing of it has gone out: it is canceled at once.")
        say(f"Canceled order {order.reference}: {why}")
    else:
        if why_not := why_not_cancel(order, Fill.of_order(order.id)):
            raise NotCancelable(why_not)
        ask_to_stop(order, reason, by)
        if order.status == OrderStatus.CANCELED:
            warn("The pharmacy makes nothing of it up: it is canceled at once.")
            say(f"Canceled order {order.reference}: {why}")
        else:
            warn("The pharmacy has it and decides. Until it answers, the order stays as it is.")
            say(f"Asked the pharmacy to stop order {order.reference}: {why}")
    # Who decides on several things together says what becomes of the money.
    if not performing().outer and (left := sum(paid.left.refundable for paid in order.paid())):
        warn(f"{Money(left, order.currency)} of it was paid and stays with us: refund it as well.")
    return order


def why_not_cancel(order: Order, fills: Sequence[Fill] | None) -> str | None:
    """Why an order cannot be canceled now, with what can be done instead; None while it can. Without its fills, only what
    its status tells."""
    if in_our_hands_still(order):
        return None
    status = OrderStatus(order.status)
    if status in _INSTEAD:
        return _INSTEAD[status]
    if status in (OrderStatus.CANCELED, OrderStatus.REJECTED):
        return too_late(order, "canceled")
    why_not = None if fills is None else why_not_stop(order, fills)
    return f"{why_not} It cannot be canceled from here any more." if why_not else None


def _end(order: Order) -> None:
    if standing := Hold.on(order.id):
        Hold.lock(standing.id).move_to(HoldStatus.CANCELED)
        cases.close_when_solved(OVERDUE, order.id, "canceled")
    cases.close_when_solved(NOT_FOUND, order.id, "canceled")
    order.move_to(OrderStatus.CANCELED)


def restore(order: Order) -> None:
    """Within the undo of what canceled it: the order goes on from where it was. The order is locked.

    Raises NotCancelable for one that was held or had stopped: whether that is still so, nobody can tell.
    """
    moves = select(StatusMove.before).where(StatusMove.record_id == order.id).order_by(StatusMove.at.desc())
    before = db.session.scalar(moves.limit(1))
    if before not in [status.value for status in order.MOVES[OrderStatus.CANCELED]]:
        raise NotCancelable(
            f"It was {str(before).replace('_', ' ')} when it was canceled: that cannot be undone."
        )
    order.move_to(OrderStatus(str(before)))
