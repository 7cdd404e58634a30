"""PAY.ORDER_UNPAID: an order has gone past its payment, and its money is not there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from ....db import now as instant_now
from ....lib.business_time import Limit
from ....models import Holder, Order, OrderPaymentStatus, OrderStatus, Payment, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._money import first, money, read_anew

_PAST = (OrderStatus.READY, OrderStatus.SUBMITTED, OrderStatus.AT_PHARMACY)
_UNPAID = (OrderPaymentStatus.UNPAID, OrderPaymentStatus.PARTIALLY_PAID)


def find(scope: Scope) -> Select[Any]:
    """An order for nothing counts as paid: the database says so itself (`payment_status`)."""
    newest = select(func.max(Payment.id)).where(Payment.order_id == Order.id).correlate(Order)
    return scope.rows(
        Order, since=Order.status_since, order_status=Order.status, passed=Order.status_since, amount=Order.total,
        currency=Order.currency, payment=newest.scalar_subquery(),
    ).where(Order.status.in_(_PAST), Order.payment_status.in_(_UNPAID))  # fmt: skip


def says(details: Details, now: datetime) -> str:
    status = details["order_status"].replace("_", " ")
    return f"It has been {status} for {ago(details, 'passed', now)}, and not all of {money(details)} is paid."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    payment = stuck.details["payment"]
    paid = Evidence("Its newest payment", "Nothing or too little collected", f"/payments/{payment}")
    return [paid if payment else Evidence("Payments", "None")]


def offers(stuck: Stuck) -> Sequence[Offer]:
    order, payment = str(stuck.order_id), stuck.details["payment"]
    stop = Offer(
        "orders.cancel",
        order,
        "Cancel the order",
        "A pharmacy that has it is asked to stop; nothing is sent unpaid.",
    )
    until = {"reason": "payment", "until": (instant_now().date() + timedelta(days=3)).isoformat()}
    held = "Nothing goes out until the money is there and somebody lets it go."
    return first(
        Offer("orders.hold", order, "Hold the order", held, fields=until)
        if stuck.details["order_status"] == OrderStatus.READY
        else None,
        read_anew(payment, "Look again what was paid") if payment else None,
        stop,
    )


RULE = Rule(
    code="PAY.ORDER_UNPAID",
    title="It goes on without its money",
    rank=Rank.MISSING,
    stage=Stage.PAYMENT,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(0), timedelta(hours=1)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Hold the order",
    offers=offers,
    recipe=(
        Look("What was paid, and whether an edit made it cost more.", "/orders/{order}"),
        Ask(
            "where",
            "Does a pharmacy have it already?",
            {"no": "No", "yes": "Yes"},
            leads={"no": "orders.hold", "yes": "orders.cancel"},
        ),
        Do("Keep it from leaving first. Then have it paid: the customer needs a card that works."),
        Check("All of it is paid, or it does not go on."),
    ),
)
