"""Undoing a correction before its owner is asked."""

from __future__ import annotations

from ...models import Correction, CorrectionStatus, Customer
from .. import outbox
from .._act import act, say
from .._actor import Actor


@act
def withdraw(correction_id: str, *, by: Actor) -> Correction:
    """Take a planned correction back, with the name that changed beside it.

    Raises AlreadyWithdrawn, and NotWithdrawable once the owner may have been asked.
    """
    customer = Customer.lock(Correction.require(correction_id).customer_id)
    correction = Correction.lock(correction_id)
    if correction.status == CorrectionStatus.WITHDRAWN:
        raise outbox.AlreadyWithdrawn("This correction was undone already.")
    outbox.withdraw(correction)
    if correction.name_before and customer.name == correction.name:
        customer.name = correction.name_before
    correction.move_to(CorrectionStatus.WITHDRAWN)
    say("Undid the correction")
    return correction
