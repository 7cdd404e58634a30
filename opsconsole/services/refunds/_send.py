"""Giving money back, step two: a worker asks the processor, and what it answers is recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ...lib.money import Money
from ...lib.refusal import Invalid, Refused
from ...models import Customer, Order, Payment, Refund, RefundLine, RefundStatus
from ...vendors.payments import RefundFacts
from .. import payments
from .._act import act, say
from .._actor import Actor
from ..outbox import Reopened, keeper
from ._limits import weigh
from ._lines import take_again
from .reasons import REASONS


@act(robots=("worker",))
def sent(refund_id: str, *, facts: RefundFacts, fetched_at: datetime, by: Actor) -> Refund:
    """The processor made the refund: take in what it answered."""
    payment = Payment.lock_of(refund_id)
    refund = payments.mirror_refund(facts, payment, fetched_at=fetched_at, asked_for=Refund.lock(refund_id))
    say(f"Stripe took the refund of {refund.money}: {facts.raw_status}")
    return refund


@act(robots=("worker",))
def declined(refund_id: str, *, code: str, words: str, by: Actor) -> Refund:
    """The processor said no. What was reserved is free again; the outbox opens the case."""
    refund = _locked(refund_id)
    refund.failure_reason = code
    refund.move_to(RefundStatus.FAILED)
    say(f"Stripe declined the refund of {refund.money}: {words}")
    return refund


def _reopened(refund_id: str, *, fix: dict[str, Any], by: Actor) -> Reopened | None:
    """A person tries a declined refund again, perhaps with another amount."""
    known = Refund.require(refund_id)
    if known.customer_id:
        Customer.lock(known.customer_id)
    if known.order_id:
        Order.lock(known.order_id)  # what is left of its lines
    refund = _locked(refund_id)
    if refund.status != RefundStatus.FAILED:
        return None  # the outcome is unknown: the same request goes out again, unchanged
    payment = Payment.require(refund.payment_id)
    if "amount" in fix:
        _of_no_lines(refund)
        refund.amount = _amount(fix["amount"], refund.currency)
    if refund.amount > payment.remainder().refundable:
        most = payment.remainder().money
        raise Refused(f"At most {most} can be refunded now.", field="fix", code="not_refundable")
    if refund.customer_id:
        weigh(refund.money, refund.customer_id, by=by, field="fix")
    take_again(refund)
    refund.failure_reason = None
    refund.move_to(RefundStatus.PLANNED)
    return asks(refund, payment)


def _of_no_lines(refund: Refund) -> None:
    """Which line another amount would be of, only a person can say, and the refund form is where they say it."""
    if RefundLine.of(refund.id):
        words = "This refund is of single lines: try it again as it is, or dismiss this and refund the lines anew."
        raise Refused(words, field="fix", code="not_fixable")


def asks(refund: Refund, payment: Payment) -> Reopened:
    """What the processor is asked, and how people read it."""
    arguments = {
        "payment": payment.external_id,
        "amount": refund.amount,
        "currency": refund.currency,
        "reason": REASONS[refund.reason].tells.value,
    }
    return Reopened(f"Stripe refunds {refund.money} to {payment.card}", arguments)


def _amount(text: Any, currency: str) -> int:
    try:
        minor = Money.parse(str(text), currency).minor
    except ValueError as error:
        raise Invalid({"fix": [str(error)]}) from None
    if minor <= 0:
        raise Invalid({"fix": ["Refund more than nothing."]})
    return minor


def _done_outside(refund_id: str, *, external_id: str, by: Actor) -> None:
    """Somebody gave the money back by other means, and says where that can be seen."""
    refund = _locked(refund_id)
    if Refund.by_external(external_id):
        raise Refused(
            f"{external_id} is another refund here: if it stands for this one, dismiss the case.",
            field="external_id",
            code="id_taken",
        )
    refund.external_id = external_id
    refund.raw_status = "done outside"
    refund.failure_reason = None
    refund.move_to(RefundStatus.SUCCEEDED)


def _dropped(refund_id: str) -> None:
    """Somebody found out that it did not happen, and that it need not."""
    refund = _locked(refund_id)
    if refund.status in (RefundStatus.PLANNED, RefundStatus.SUBMITTED):
        refund.failure_reason = "given up"
        refund.move_to(RefundStatus.FAILED)


def _locked(refund_id: str) -> Refund:
    """Payment first, then refund: the order in which every act here takes its locks."""
    Payment.lock_of(refund_id)
    return Refund.lock(refund_id)


send = keeper(
    "refunds.send",
    call="payments.refund",
    then=sent,
    declined=declined,
    locks=_locked,
    reopened=_reopened,
    done_outside=_done_outside,
    dropped=_dropped,
    fixable=("amount",),
    expects=("refund.confirmed", "refund.settled"),
)
