"""Payments: mirrors of what the processor holds, with what is left of each."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..lib.money import Money
from ..models import Customer, Order, Payment, PaymentStatus, card_words
from ..services import cases, payments
from ._acting import Asked, NoInput, performs
from ._browser import at
from ._happened import happened
from ._listing import act_on, common, found, listed, shown
from ._noting import noting
from ._who import reads

pages = Blueprint("payments", __name__)
noting(pages, payments.note, Payment)


def refresh_of(payment: Payment) -> dict[str, Any]:
    """The act of having it read anew, as its page offers it."""
    return act_on(payment, "payments.refresh", f"{payment.url}/refresh", "Read from Stripe")


def told(payment: Payment) -> dict[str, Any]:
    left = payment.remainder()
    return common(payment, [refresh_of(payment)]) | {
        "external_id": payment.external_id,
        "raw_status": payment.raw_status,
        "order": f"/orders/{payment.order_id}" if payment.order_id else None,
        "customer": f"/customers/{payment.customer_id}" if payment.customer_id else None,
        "amount": Money(payment.amount, payment.currency).as_json,
        "captured": Money(left.captured, left.currency).as_json,
        "disputed": Money(left.disputed, left.currency).as_json,
        "dispute": payment.dispute,
        "dispute_due_at": at(payment.dispute_due_at),
        "fraud_warning": payment.fraud_warning,
        "refunded": Money(left.refunded, left.currency).as_json,
        "refundable": left.money.as_json,
        "card": {"brand": payment.card_brand, "last4": payment.card_last4, "expires": payment.card_exp},
        "fetched_at": at(payment.fetched_at),
    }


@pages.get("/payments")
@reads("payments", payments.LIST)
def list() -> ResponseReturnValue:
    return listed(found(), told, "payments/list.html", statuses=PaymentStatus, card=card_words)


@pages.get("/payments/<payment_id>")
@reads("payments")
def show(payment_id: str) -> ResponseReturnValue:
    payment = Payment.require(payment_id)
    return shown(
        payment,
        lambda: told(payment),
        "payments/show.html",
        lambda: {
            "payment": payment,
            "order": Order.get(payment.order_id) if payment.order_id else None,
            "customer": Customer.get(payment.customer_id) if payment.customer_id else None,
            "left": payment.remainder(),
            "refunds": payment.refunds(),
            "cases": cases.of(payment.id),
            "timeline": happened(payment),
        },
    )


@pages.route("/payments/<payment_id>/refresh", methods=["GET", "POST"])
@performs(payments.refresh)
def refresh(form: NoInput, payment_id: str) -> Asked:
    return Asked(
        payment_id,
        context={"payment": Payment.require(payment_id), "submit": "Read it from Stripe"},
        done="Stripe is being read.",
    )
