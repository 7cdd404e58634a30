"""Undoing a fill before the pharmacy is asked."""

from __future__ import annotations

from ...models import Fill, FillStatus, Order
from .. import orders, outbox
from .._act import act, say
from .._actor import Actor
from ._ask import locked


@act
def withdraw(fill_id: str, *, by: Actor) -> Fill:
    """Take a queued fill back, with those that were queued with it: what was done together is undone together. The order
    stays ready, and the clock leaves it to people from now on.

    Raises AlreadyWithdrawn, and NotWithdrawable once a pharmacy may have been asked.
    """
    order, fill = locked(fill_id)
    if fill.status == FillStatus.WITHDRAWN:
        raise outbox.AlreadyWithdrawn("This fill was undone already.")
    for one in Fill.of_order(order.id):
        if one.trace_id == fill.trace_id and one.status != FillStatus.WITHDRAWN:
            outbox.withdraw(one)
            one.move_to(FillStatus.WITHDRAWN)
    say(f"Undid what was queued of order {order.reference}")
    return fill


@orders.takes_back
def take_back(order: Order) -> None:
    """What is only queued does not go out when its order is held, canceled or sent elsewhere. Raises NotWithdrawable, also
    while a call to the pharmacy is under way whose answer nobody has."""
    for fill in Fill.of_order(order.id):
        if fill.status == FillStatus.SENT:
            raise outbox.NotWithdrawable(
                "The pharmacy was asked and has not answered yet. Try again in a minute."
            )
        if fill.status == FillStatus.QUEUED:
            outbox.withdraw(fill)
            fill.move_to(FillStatus.WITHDRAWN)
