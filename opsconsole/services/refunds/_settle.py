"""Giving money back, step three: the processor tells how it went, now or days later."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ...db import db
from ...models import Payment, Refund
from ...vendors.payments import RefundFacts
from .. import payments
from .._act import act, say
from .._actor import Actor


@act(robots=("stripe",))
def settle(external_id: str, *, facts: RefundFacts, fetched_at: datetime, by: Actor) -> Refund | None:
    """Take in a refund as it stands at the processor, also one that was made elsewhere.

    A refund of a payment that we do not know is left to the payment's own events.
    """
    query = select(Payment.id).where(
        Payment.external_id == facts.payment if facts.payment else Payment.charge_id == facts.charge
    )
    payment_id = db.session.scalar(query)
    if payment_id is None:
        say(f"Refund {external_id} is of a payment that we do not know yet")
        return None
    payment = Payment.lock(payment_id)
    refund = payments.mirror_refund(facts, payment, fetched_at=fetched_at)
    say(f"Refund of {refund.money}: {refund.state.value.replace('_', ' ')}")
    return refund
