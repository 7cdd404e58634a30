"""What the rules about money have in common: whom they are about, and what several of them offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, union_all

from ....lib.money import Money
from ....models import Banner, BannerStatus, Customer, Order, OrderStatus, Payment
from ...prescriptions import Offer
from .._scope import Scope

_S = OrderStatus
OVER = (_S.DELIVERED, _S.CLOSED, _S.CANCELED, _S.RETURNED, _S.REJECTED)
#: Nothing of it went to a pharmacy: it can be held without asking anybody.
IN_OUR_HANDS = (_S.AWAITING_VISIT, _S.IN_REVIEW, _S.AWAITING_RX, _S.AWAITING_PAYMENT, _S.READY)


def either(*parts: Select[Any]) -> Select[Any]:
    """The rows of several statements of one rule, as one."""
    return select(union_all(*parts).subquery())


def of_payments(scope: Scope, *which: ColumnElement[bool], since: Any, **told: Any) -> Select[Any]:
    """The payments of which that is so: each its order's, while that is open, else its own."""
    told = {
        "payment": Payment.id, "amount": Payment.amount, "currency": Payment.currency,
        "order_status": Order.status, "code": None, **told,
    }  # fmt: skip
    of_order = (
        scope.rows(Order, since=since, **told)
        .select_from(Payment)
        .join(Order, Order.id == Payment.order_id)
        .where(*which, Order.status.not_in(OVER))
    )
    alone = (
        scope.rows(Payment, since=since, **told)
        .select_from(Payment)
        .outerjoin(Order, Order.id == Payment.order_id)
        .where(*which, or_(Payment.order_id.is_(None), Order.status.in_(OVER)))
    )
    return either(of_order, alone)


def bannered(kind: str) -> Any:
    """Since when the banner of that kind stands on a payment's order, which a fact about the payment raised."""
    standing = and_(
        Banner.subject_id == Payment.order_id, Banner.kind == kind, Banner.status == BannerStatus.STANDING
    )
    return select(Banner.created_at).where(standing).correlate(Payment).scalar_subquery()


def money(details: Mapping[str, Any]) -> Money:
    """How much it is about."""
    return Money(details["amount"], details["currency"])


def first(*offers: Offer | None) -> Sequence[Offer]:
    """The suggested one and at most two behind it, of those that can be made."""
    return [one for one in offers if one is not None][:3]


def write(customer_id: str | None, template: str, label: str, does: str, **about: str) -> Offer | None:
    """Writing to the customer, where we know an address."""
    customer = Customer.get(customer_id or "")
    if customer is None or not customer.email:
        return None
    return Offer("messages.send", customer.id, label, does, fields={"template": template, **about})


def at_stripe(customer_id: str | None) -> bool:
    """Does Stripe know the customer? Only then a card of theirs can be charged, or credit be given."""
    customer = Customer.get(customer_id or "")
    return customer is not None and any(one.system == "stripe" for one in customer.external_ids())


def read_anew(payment_id: str, label: str = "Read it from Stripe") -> Offer:
    """Learning what became of it: it only reads, so nothing can happen twice."""
    return Offer(
        "payments.refresh", payment_id, label,
        "Stripe tells how the payment and each of its refunds stand now. Nothing is asked for again.",
    )  # fmt: skip


def write_down(noun: str, subject_id: str, label: str, does: str) -> Offer:
    """A note on the record, for whoever looks next."""
    return Offer(f"{noun}.note", subject_id, label, does)
