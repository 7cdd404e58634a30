"""Which parcels wait for an invoice to be paid."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select

from ...db import db
from ...models import Dunning, Invoice, Order, OrderKind, OrderStatus, Payment


def waiting_for(dunning: Dunning, invoice: Invoice) -> Sequence[Order]:
    """The customer's orders that wait for their money: those of its payments, and those of a renewal whose payment the shop
    has not told us yet."""
    if dunning.customer_id is None:
        return []
    of_payments = select(Payment.order_id).where(Payment.external_id.in_(invoice.payments))
    query = select(Order).where(
        Order.customer_id == dunning.customer_id,
        Order.status == OrderStatus.AWAITING_PAYMENT,
        or_(Order.id.in_(of_payments), Order.kind == OrderKind.SUBSCRIPTION_CYCLE),
    )
    return list(db.session.scalars(query.order_by(Order.created_at.desc(), Order.id.desc()).limit(5)))
