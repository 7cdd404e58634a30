"""Taking a replacement back while nothing of it is outside, or giving the money back instead."""

from __future__ import annotations

from ...lib.refusal import Refused
from ...models import Customer, Order, Replacement, ReplacementStatus
from .. import orders
from .._act import act, say
from .._actor import Actor

_S = ReplacementStatus


class AlreadyCalledOff(Refused):
    """Somebody has taken it back, or turned it into a refund."""


class TooLate(Refused):
    """The new parcel has left."""


@act
def withdraw(replacement_id: str, *, by: Actor) -> Replacement:
    """Take a replacement back: its order is canceled, its fill not sent. All or nothing.

    Raises AlreadyCalledOff, TooLate, orders.NotCancelable where the pharmacy has it, and NotWithdrawable where it may be
    being asked right now.
    """
    replacement = _locked(replacement_id)
    _not_called_off(replacement)
    orders.cancel(
        replacement.new_order_id, reason="mistake", by=by
    )  # and the replacement goes with its order
    say(f"Took replacement {_reference(replacement)} back")
    return replacement


@act
def convert(replacement_id: str, *, by: Actor) -> Replacement:
    """Call a replacement off because the customer wants the money instead. The refund is an act of its own.

    As long as nothing is at the pharmacy, or once it has confirmed that it stopped. Raises as `withdraw` does.
    """
    replacement = _locked(replacement_id)
    if replacement.status == _S.CANCELED:
        replacement.move_to(_S.CONVERTED_TO_REFUND)
    else:
        _not_called_off(replacement)
        replacement.move_to(_S.CONVERTED_TO_REFUND)
        orders.cancel(replacement.new_order_id, reason="customer_request", by=by)
    say(f"Called replacement {_reference(replacement)} off: the customer wants the money back")
    return replacement


def _locked(replacement_id: str) -> Replacement:
    known = Replacement.require(replacement_id)
    Customer.lock(known.customer_id)
    Order.lock(known.new_order_id)
    return Replacement.lock(replacement_id)


def _not_called_off(replacement: Replacement) -> None:
    if not replacement.stands:
        words = (
            "a refund was chosen instead"
            if replacement.status == _S.CONVERTED_TO_REFUND
            else "it was called off"
        )
        raise AlreadyCalledOff(f"This replacement is off already: {words}.")
    if replacement.status in (_S.SHIPPED, _S.COMPLETED):
        raise TooLate("The new parcel has left: it cannot be called off any more.")
    order = Order.require(replacement.new_order_id)
    if not orders.in_our_hands_still(order):
        words = f"The pharmacy has {order.reference} and is asked to stop by canceling that order."
        raise orders.NotCancelable(f"{words} Once it has stopped, a refund can be chosen instead.")


def _reference(replacement: Replacement) -> str:
    return Order.require(replacement.new_order_id).reference
