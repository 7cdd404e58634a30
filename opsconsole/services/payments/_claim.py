"""An order names the payment that paid it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from ...db import db
from ...models import Order, Payment, PaymentStatus
from .._act import performing
from ..outbox import keeper, promise
from ._settle import settle
from ._tie import tie

read = keeper("payments.read", call="payments.fetch_payment", then=settle, changes=False)


def expect(external_id: str, order: Order) -> Payment:
    """Tie a payment to its order, and have it read from the processor if we do not know it yet.

    For acts that record orders. Raises PaymentTaken, OtherCurrency.
    """
    known = db.session.scalar(select(Payment.id).where(Payment.external_id == external_id))
    if known is None:
        return _unknown_yet(external_id, order)
    payment = Payment.lock(known)
    tie(payment, order)
    return payment


def _unknown_yet(external_id: str, order: Order) -> Payment:
    payment = Payment(
        status=PaymentStatus.EXPECTED,
        external_id=external_id,
        order_id=order.id,
        customer_id=order.customer_id,
        currency=order.currency,
        amount=order.total,
        captured=0,
        disputed=0,
        created_at=performing().now,
    ).add()
    promise(
        read,
        payment,
        lane=f"{payment.lane}:read",
        says=f"Stripe is asked for payment {external_id}",
        arguments={"id": external_id},
        due_in=timedelta(0),
    )
    return payment
