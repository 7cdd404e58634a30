"""PAY.PROCESSING: Stripe has been collecting a payment for longer than that takes: an hour for a card, five days for a bank.

How it is paid is told by its card: a payment without one is of a bank account.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Interval, Select, case, cast

from ....lib.business_time import Limit
from ....models import Holder, Payment, PaymentStatus, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._money import first, money, of_payments, read_anew, write, write_down

_BANK = timedelta(days=5)


def find(scope: Scope) -> Select[Any]:
    since, by_bank = Payment.status_since, Payment.card_last4.is_(None)
    return of_payments(
        scope, Payment.status == PaymentStatus.PROCESSING, since=since, began=since, card=Payment.card_last4.is_not(None),
        fires=case((by_bank, since + cast(_BANK, Interval))),
        breaches=case((by_bank, since + cast(_BANK + timedelta(days=1), Interval))),
    )  # fmt: skip


def says(details: Details, now: datetime) -> str:
    usual = "a card takes an hour at most" if details["card"] else "a bank takes five days at most"
    return f"Stripe has been collecting {money(details)} for {ago(details, 'began', now)}; {usual}."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    return [Evidence("Payment", "Being collected", f"/payments/{stuck.details['payment']}")]


def offers(stuck: Stuck) -> Sequence[Offer]:
    payment = stuck.details["payment"]
    late = "They read that it takes longer than we promised."
    return first(
        read_anew(payment),
        write(stuck.customer_id, "order_delayed", "Tell the customer", late, order=stuck.order_id)
        if stuck.order_id and stuck.subject_id == stuck.order_id
        else None,
        write_down("payments", payment, "Write down what Stripe says", "Whoever looks next reads it."),
    )


RULE = Rule(
    code="PAY.PROCESSING",
    title="Stripe takes too long to collect",
    rank=Rank.MISSING,
    stage=Stage.PAYMENT,
    team=Team.FINANCE,
    ball=Holder.PAYMENT,
    limit=Limit(timedelta(hours=1), timedelta(hours=25)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Read it from Stripe",
    offers=offers,
    recipe=(
        Look(
            "Whether other payments went through meanwhile: then it is this one alone.",
            "/payments?status=processing",
        ),
        Do(
            "Stripe is asked how it stands now. No card is charged beside it: the money would be taken twice."
        ),
        Ask(
            "still",
            "Does Stripe still say that it is processing?",
            {"yes": "Yes: ask Stripe’s support", "no": "No"},
            leads={"yes": "payments.note"},
        ),
        Check("Stripe says that it went through, or that it did not."),
    ),
    vendor="payments",
    heals=timedelta(minutes=10),
)
