"""PAY.REVIEW: the card's bank warns that a payment may be fraud, and nobody has decided about it.

Of Stripe's Radar only early fraud warnings are mirrored (`Payment.fraud_warning`, while something can be done about one): a
review that somebody opened at Stripe is not seen here. That it is genuine is decided by dismissing the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from ....db import now as instant_now
from ....lib.business_time import Limit
from ....models import Case, Holder, Order, Payment, PaymentStatus, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._money import IN_OUR_HANDS, bannered, first, money, of_payments, read_anew, write_down

_CODE = "PAY.REVIEW"


def find(scope: Scope) -> Select[Any]:
    genuine = select(Case.id).where(
        Case.reason == _CODE, Case.subject_id.in_((Payment.id, Payment.order_id)), Case.outcome == "dismissed"
    )
    since = func.coalesce(bannered("fraud_warning"), Payment.fraud_warned_at)
    return of_payments(
        scope, Payment.fraud_warning.is_not(None), Payment.status == PaymentStatus.SUCCEEDED,
        ~genuine.correlate(Payment).exists(), since=since, warned=since, code=Payment.fraud_warning,
    )  # fmt: skip


def says(details: Details, now: datetime) -> str:
    kind = details["code"].replace("_", " ")
    return f"The bank warned {ago(details, 'warned', now)} ago that the payment of {money(details)} may be fraud ({kind})."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    return [Evidence("Payment", "The bank’s early fraud warning", f"/payments/{stuck.details['payment']}")]


def offers(stuck: Stuck) -> Sequence[Offer]:
    payment = Payment.require(stuck.details["payment"])
    order = Order.get(payment.order_id or "")
    left = payment.remainder()
    back = {"payment": payment.id, "amount": left.money.amount, "reason": "fraud"}
    hold = {"reason": "suspected_fraud", "until": (instant_now().date() + timedelta(days=3)).isoformat()}
    return first(
        Offer(
            "refunds.issue", order.id, "Refund it as fraud",
            "The card is blocked at Stripe; a dispute and its fee are spared.", back, within=False,
        )
        if order and left.refundable
        else write_down("payments", payment.id, "Write down what was found", "Whoever looks next reads it."),
        Offer("orders.hold", order.id, "Hold the order", "Nothing goes out until somebody lets it go.", hold)
        if order and order.status in IN_OUR_HANDS
        else read_anew(payment.id),
        Offer("cases.dismiss", stuck.case_id, "It is genuine", "Nothing is refunded. Say how you know.")
        if stuck.case_id
        else None,
    )  # fmt: skip


RULE = Rule(
    code=_CODE,
    title="A bank warns of fraud",
    rank=Rank.EXCEPTION,
    stage=Stage.PAYMENT,
    team=Team.FINANCE,
    ball=Holder.US,
    limit=Limit(timedelta(hours=1), timedelta(hours=12), business=True),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Decide: refund it as fraud, or it is genuine",
    offers=offers,
    recipe=(
        Look(
            "What the customer bought before, and whether name, address and card fit.",
            "/customers/{customer}",
        ),
        Ask(
            "genuine",
            "Is it the customer’s own card?",
            {"no": "No", "yes": "Yes, we know so", "unknown": "Nobody knows yet"},
            leads={"no": "refunds.issue", "yes": "cases.dismiss", "unknown": "orders.hold"},
        ),
        Do(
            "Refunded in time it does not become a dispute, which costs a fee as well. What has not left is kept back."
        ),
        Check("All of it went back, or somebody wrote down that it is genuine."),
    ),
)
