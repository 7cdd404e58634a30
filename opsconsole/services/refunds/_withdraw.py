"""Undoing a refund before the processor is asked."""

from __future__ import annotations

from ...models import Order, Payment, Refund, RefundStatus
from .. import outbox
from .._act import act, say
from .._actor import Actor


@act
def withdraw(refund_id: str, *, by: Actor) -> Refund:
    """Take a planned refund back, all of it.

    Raises AlreadyWithdrawn, and NotWithdrawable once the processor may have been asked.
    """
    planned = Refund.require(refund_id)
    if planned.order_id:
        Order.lock(planned.order_id)
    Payment.lock(planned.payment_id)
    refund = Refund.lock(refund_id)
    if refund.status == RefundStatus.WITHDRAWN:
        raise outbox.AlreadyWithdrawn("This refund was undone already.")
    if refund.waits_for:  # nobody was asked, and nothing is owed yet
        refund.waits_for = None
    else:
        outbox.withdraw(refund)
    refund.move_to(RefundStatus.WITHDRAWN)
    say(f"Undid the refund of {refund.money}")
    return refund
