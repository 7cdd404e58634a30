"""PAY.PAID_NO_ORDER: money came in, and no order and no invoice claims it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, select

from ....lib.business_time import Limit
from ....models import Case, CaseStatus, Holder, Invoice, Payment, PaymentStatus, Refund, Stuck, Team
from ....models.payment import UNSPENT
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._money import either, first, money, read_anew, write, write_down

_CODE = "PAY.PAID_NO_ORDER"
_TOLD = ("payment_without_order", _CODE)
_REACH = timedelta(days=7)  # older ones have their case since they came


def find(scope: Scope) -> Select[Any]:
    """Those of the last days, and what is older and has its case still; not what somebody has looked at and closed, what was
    given back, or what paid an invoice."""
    told = (Case.reason.in_(_TOLD), Case.subject_id == Payment.id)
    closed = select(Case.id).where(*told, Case.status == CaseStatus.RESOLVED, Case.outcome == "dismissed")
    invoiced = select(Invoice.id).where(Invoice.payments.contains(func.to_jsonb(Payment.external_id)))
    lately = _unclaimed(scope).where(
        Payment.created_at > scope.now - _REACH, ~closed.exists(), ~invoiced.exists()
    )
    since_then = _unclaimed(scope).join(Case, and_(*told, Case.status == CaseStatus.OPEN))
    return either(lately, since_then)


def _unclaimed(scope: Scope) -> Select[Any]:
    back = select(func.coalesce(func.sum(Refund.amount), 0)).where(
        Refund.payment_id == Payment.id, Refund.status.not_in(UNSPENT)
    )
    return scope.rows(
        Payment, since=Payment.created_at, payment=Payment.id, came=Payment.created_at, amount=Payment.captured,
        currency=Payment.currency,
    ).where(
        Payment.order_id.is_(None), Payment.status == PaymentStatus.SUCCEEDED,
        Payment.captured - Payment.disputed > back.correlate(Payment).scalar_subquery(),
    )  # fmt: skip


def says(details: Details, now: datetime) -> str:
    return f"{money(details)} came in {ago(details, 'came', now)} ago, and no order and no invoice claims it."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    return [Evidence("Payment", "Collected, without an order", f"/payments/{stuck.subject_id}")]


def offers(stuck: Stuck) -> Sequence[Offer]:
    """Never a new order or a refund at once: the shop's order may only be late, and it would be made or paid twice."""
    payment = stuck.subject_id
    return first(
        read_anew(payment, "Look again which order it names"),
        write(stuck.customer_id, "call_us", "Ask the customer to call", "They know what they paid for."),
        write_down("payments", payment, "Write down what the shop says", "Whoever looks next reads it."),
    )  # fmt: skip


RULE = Rule(
    code=_CODE,
    title="A payment that no order claims",
    rank=Rank.MONEY,
    stage=Stage.PAYMENT,
    team=Team.FINANCE,
    ball=Holder.US,
    limit=Limit(timedelta(minutes=2), timedelta(hours=1)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Look again which order it names",
    offers=offers,
    recipe=(
        Look("Stripe’s id of the payment, and its description.", "/payments/{subject}"),
        Do(
            "It is read anew: if it names an order of ours, that claims it. Nothing is charged, made or given back."
        ),
        Ask(
            "shop",
            "Does the shop know an order with that payment?",
            {
                "yes": "Yes: have the shop send it again",
                "no": "No: give the money back at Stripe",
                "unknown": "Not yet",
            },
            leads={"unknown": "payments.note"},
        ),
        Check("An order or an invoice claims it, or the money went back."),
    ),
    heals=timedelta(minutes=5),
    cases=frozenset(("payment_without_order",)),
)
