"""Having a payment read anew: Stripe's word on it, on its disputes and on each of its refunds. It only reads, so it is what
to do where nobody knows what became of money, before anything is tried again."""

from __future__ import annotations

from datetime import timedelta

from ...models import Payment
from .._act import act, say
from .._actor import Actor
from ..outbox import promise
from ._claim import read


@act
def refresh(payment_id: str, *, by: Actor) -> Payment:
    """Have it read from the processor now. A refund of ours that it holds, and whose answer was lost, is recognised by our
    mark and settled; an order that the payment names is tied to it."""
    payment = Payment.lock(payment_id)
    promise(
        read, payment, lane=f"{payment.lane}:read", says="Read the payment and its refunds from Stripe",
        arguments={"id": payment.external_id}, due_in=timedelta(0),
    )  # fmt: skip
    say(f"Have payment {payment.external_id} read from Stripe")
    return payment
