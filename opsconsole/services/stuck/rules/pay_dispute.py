"""PAY.DISPUTE: a payment is disputed, and the bank takes our evidence only until a day.

A dispute's own opening day is not mirrored: it counts from the banner that it raised on its order, else from when it was
read. Nor is whether evidence was handed in: it stands until the bank has decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Interval, Select, cast, func

from ....db import now as instant_now
from ....lib.business_time import Limit
from ....models import Holder, Order, Payment, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ahead, at
from .._scope import Scope
from ._money import IN_OUR_HANDS, bannered, first, money, of_payments, read_anew, write_down

_OPEN = ("open", "warning", "unknown")


def find(scope: Scope) -> Select[Any]:
    due = Payment.dispute_due_at
    fires, breaches = due - cast(timedelta(days=5), Interval), due - cast(timedelta(days=1), Interval)
    since = func.least(func.coalesce(bannered("dispute_open"), Payment.fetched_at, Payment.created_at), fires)
    return of_payments(
        scope,
        Payment.dispute.in_(_OPEN),
        since=since,
        fires=fires,
        breaches=breaches,
        due=due,
        code=Payment.dispute,
    )


def says(details: Details, now: datetime) -> str:
    what = "is asked about by the bank" if details["code"] == "warning" else "is disputed"
    if details["due"] is None:
        return f"The payment of {money(details)} {what}."
    left = "evidence was due already"
    if at(details, "due") > now:
        left = f"evidence is due in {ahead(details, 'due', now)}"
    return f"The payment of {money(details)} {what}; {left}."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    due = stuck.details["due"]
    return [
        Evidence("Payment", "Disputed", f"/payments/{stuck.details['payment']}"),
        Evidence("Evidence is taken until", due[:10] if due else "not known"),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    """What has not left is kept back, and what speaks for us is gathered. Only an inquiry may be ended by a refund: Stripe
    refuses every refund of a payment that is disputed."""
    payment = Payment.require(stuck.details["payment"])
    order = Order.get(payment.order_id or "")
    hold = {"reason": "payment", "until": (instant_now().date() + timedelta(days=14)).isoformat()}
    left = payment.remainder()
    back = {"payment": payment.id, "amount": left.money.amount, "reason": "goodwill"}
    return first(
        Offer("orders.hold", order.id, "Hold the order", "Nothing goes out while the bank decides.", hold)
        if order and order.status in IN_OUR_HANDS
        else None,
        write_down("payments", payment.id, "Write down our evidence", "What was ordered, sent, and said, for who answers."),
        Offer(
            "refunds.issue", order.id, "Refund all of it",
            "An inquiry ends by that, before it is a dispute.", back, within=False,
        )
        if order and payment.dispute == "warning" and left.refundable
        else read_anew(payment.id),
    )  # fmt: skip


RULE = Rule(
    code="PAY.DISPUTE",
    title="A payment is disputed",
    rank=Rank.HARM,
    stage=Stage.PAYMENT,
    team=Team.FINANCE,
    ball=Holder.US,
    limit=Limit(timedelta(0), timedelta(days=4)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Keep back what has not left, and write down our evidence",
    offers=offers,
    recipe=(
        Look(
            "What was ordered, where it went, when it arrived, and what was written.", "/customers/{customer}"
        ),
        Ask(
            "ours",
            "Did the customer get what they paid for?",
            {"yes": "Yes: we answer", "no": "No: we let it be", "unknown": "Not known yet"},
            leads={"yes": "payments.note"},
        ),
        Do("Hold what has not left. The evidence is handed in at Stripe, before its day."),
        Check("The bank has decided, and Stripe says so."),
    ),
)
