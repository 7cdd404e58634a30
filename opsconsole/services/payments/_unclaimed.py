"""The payment that no order claims: money came in and nobody knows what for."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from ...db import db, instant
from ...lib.money import Money
from ...models import Case, Payment, PaymentStatus
from .. import cases
from .._act import act, say
from .._actor import Actor

PATIENCE = timedelta(minutes=2)
REASON = "payment_without_order"


def unclaimed(limit: int = 100) -> list[str]:
    """Collected payments that have waited for their order for more than two minutes, without a case."""
    has_case = select(Case.id).where(Case.reason == REASON, Case.subject_id == Payment.id).exists()
    query = select(Payment.id).where(
        Payment.order_id.is_(None),
        Payment.status == PaymentStatus.SUCCEEDED,
        Payment.created_at < instant() - PATIENCE,
        ~has_case,
    )
    return list(db.session.scalars(query.order_by(Payment.created_at).limit(limit)))


@act(robots=("clock",))
def miss(payment_id: str, *, by: Actor) -> Payment:
    """Open a case for a payment whose order never came."""
    payment = Payment.lock(payment_id)
    if payment.order_id is None:
        money = Money(payment.captured, payment.currency)
        cases.open_case(
            REASON,
            payment.id,
            says=f"{money} was paid with {payment.card} and no order claims it.",
            suggests={
                "act": "orders.record",
                "url": payment.url,
                "label": "Find the order in the shop, or refund it",
            },
            about=payment.related(),
        )
        say(f"No order claimed the payment of {money}")
    return payment
