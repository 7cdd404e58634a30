"""PAY.ACTION: the bank wants the customer to confirm a payment, and they have not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select

from ....lib.business_time import Limit
from ....models import Holder, Payment, PaymentStatus, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._money import first, money, of_payments, read_anew, write


def find(scope: Scope) -> Select[Any]:
    return of_payments(
        scope, Payment.status == PaymentStatus.REQUIRES_ACTION, since=Payment.status_since, asked=Payment.status_since
    )  # fmt: skip


def says(details: Details, now: datetime) -> str:
    return f"The bank asked the customer {ago(details, 'asked', now)} ago to confirm {money(details)}, and they have not."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    return [
        Evidence("Payment", "Waits for the customer to confirm it", f"/payments/{stuck.details['payment']}")
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    unpaid = stuck.order_id and stuck.details["order_status"] == "awaiting_payment"
    told = "They read that it is not paid, and that their account shows how to pay it."
    return first(
        write(stuck.customer_id, "card_needed", "Tell them how to pay it", told, order=str(stuck.order_id))
        if unpaid
        else write(stuck.customer_id, "call_us", "Ask them to call", "Help them to confirm it while they are on the phone."),
        read_anew(stuck.details["payment"], "See whether they have confirmed it"),
        Offer("orders.cancel", str(stuck.order_id), "Cancel the order", "Nothing is charged, and nothing is sent.")
        if unpaid
        else None,
    )  # fmt: skip


RULE = Rule(
    code="PAY.ACTION",
    title="The customer has to confirm a payment",
    rank=Rank.PATIENT,
    stage=Stage.PAYMENT,
    team=Team.SUPPORT,
    ball=Holder.PATIENT,
    limit=Limit(timedelta(minutes=30), timedelta(hours=24)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Tell them how to pay it",
    offers=offers,
    recipe=(
        Look("Whether they were told already: the messages on the customer’s page.", "/customers/{customer}"),
        Ask(
            "still",
            "Do they still want it?",
            {"yes": "Yes, or nobody knows", "no": "No"},
            leads={"yes": "messages.send", "no": "orders.cancel"},
        ),
        Do(
            "Only the customer can confirm it, in their account: the message says so. No card is charged by us meanwhile."
        ),
        Check("Stripe says that the payment went through, or that it was called off."),
    ),
    heals=timedelta(hours=2),
)
