"""REF.FAILED: a refund did not reach the customer, and nobody has said what is done instead.

A refund that failed stays so for ever: it is stuck as long as the case that its failure opened. Given back by other means,
or let be, that case is ended by whoever did it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from ....lib.business_time import Limit
from ....models import Case, CaseStatus, Holder, Order, Payment, Refund, RefundStatus, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._money import at_stripe, first, money, write, write_down
from ._refund import of_refunds, shown

_TOLD = ("refund_failed", "vendor_rejected")
#: The same card takes it when it is tried again; of the others it would come back again.
_PASSES = ("insufficient_funds", "merchant_request", "canceled", "unknown")


def find(scope: Scope) -> Select[Any]:
    told = select(Case.subject_id).where(Case.status == CaseStatus.OPEN, Case.reason.in_(_TOLD))
    code = func.coalesce(Refund.failure_reason, "unknown")
    return of_refunds(scope, since=Refund.status_since, code=code).where(
        Refund.status == RefundStatus.FAILED, Refund.id.in_(told)
    )


def says(details: Details, now: datetime) -> str:
    why = details["code"].replace("_", " ")
    return (
        f"The refund of {money(details)} failed {ago(details, 'waits', now)} ago ({why}): the customer "
        "does not have the money."
    )


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    return shown(stuck)


def offers(stuck: Stuck) -> Sequence[Offer]:
    refund = Refund.require(stuck.subject_id)
    call = write(
        stuck.customer_id,
        "call_us",
        "Ask them to call",
        "Ask how else they can be paid: another card, a cheque, credit.",
    )
    again, credit = _again(refund), _credit(refund)
    if refund.failure_reason in _PASSES:
        return first(again, call, credit, _noted(refund))
    return first(call, credit, again, _noted(refund))


def _again(refund: Refund) -> Offer | None:
    """Where something is left to refund still: not where it was refunded by somebody else since."""
    payment = Payment.require(refund.payment_id)
    if not refund.order_id or refund.amount > payment.remainder().refundable:
        return None
    known = {"payment": payment.id, "amount": refund.money.amount, "reason": refund.reason}
    return Offer(
        "refunds.issue",
        refund.order_id,
        "Refund again",
        "To the same card, as a new refund.",
        known,
        within=False,
    )


def _credit(refund: Refund) -> Offer | None:
    if not refund.customer_id or not at_stripe(refund.customer_id):
        return None
    known = {"amount": refund.money.amount, "currency": refund.currency, "reason": "instead_of_refund"}
    if order := Order.get(refund.order_id or ""):
        known["order"] = order.id
    return Offer(
        "billing.grant",
        refund.customer_id,
        "Give credit instead",
        "Their next invoices cost so much less.",
        known,
        within=False,
    )


def _noted(refund: Refund) -> Offer:
    return write_down("refunds", refund.id, "Write down what was agreed", "Whoever looks next reads it.")


RULE = Rule(
    code="REF.FAILED",
    title="A refund did not reach the customer",
    rank=Rank.EXCEPTION,
    stage=Stage.REFUND,
    team=Team.FINANCE,
    ball=Holder.US,
    limit=Limit(timedelta(0), timedelta(hours=24), business=True),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Ask how else they can be paid",
    offers=offers,
    recipe=(
        Look("Why the bank sent it back.", "/refunds/{subject}"),
        Ask(
            "how",
            "How does the customer want the money?",
            {
                "card": "To the same card: it works again",
                "credit": "As credit",
                "other": "By cheque or transfer",
                "unknown": "Nobody has asked",
            },
            leads={
                "card": "refunds.issue",
                "credit": "billing.grant",
                "other": "refunds.note",
                "unknown": "messages.send",
            },
        ),
        Do(
            "A lost, stolen or expired card does not take it: ask the customer first. Then mark the case as "
            "done, with where it was paid."
        ),
        Check("The money is with the customer, and the case says where that can be seen."),
    ),
    cases=frozenset(_TOLD),
)
