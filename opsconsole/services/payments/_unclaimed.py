"""The payment that no order claims: money came in and nobody knows what for."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from ...db import db, instant
from ...lib.money import Money
from ...models import Case, Invoice, Payment, PaymentStatus
from .. import cases
from .._act import act, say
from .._actor import Actor

PATIENCE = timedelta(minutes=2)
REACH = timedelta(days=7)  # what is older was looked at when it came
REASON = "payment_without_order"


def unclaimed(limit: int = 100) -> list[str]:
    """Collected payments that have waited for their order for more than two minutes, without a case. What paid an
    invoice needs none."""
    has_case = select(Case.id).where(Case.reason == REASON, Case.subject_id == Payment.id).exists()
    query = select(Payment.id).where(
        Payment.order_id.is_(None),
        Payment.status == PaymentStatus.SUCCEEDED,
        Payment.created_at < instant() - PATIENCE,
        Payment.created_at > instant() - REACH,
        ~has_case,
        ~of_invoice(),
    )
    return list(db.session.scalars(query.order_by(Payment.created_at).limit(limit)))


def of_invoice() -> ColumnElement[bool]:
    """Was the payment made for an invoice, as renewals are?"""
    return select(Invoice.id).where(Invoice.payments.contains(func.to_jsonb(Payment.external_id))).exists()


@act(robots=("clock",))
def miss(payment_id: str, *, by: Actor) -> Payment:
    """Open a case for a payment whose order never came."""
    payment = Payment.lock(payment_id)
    if payment.order_id is None and not db.session.scalar(
        select(of_invoice()).where(Payment.id == payment.id)
    ):
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
