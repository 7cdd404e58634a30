"""Taking in a payment as the processor holds it: money, card, disputes and refunds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ...db import db
from ...lib.money import Money
from ...models import Customer, Order, Payment, PaymentStatus
from ...vendors.payments import DisputeState, PaymentFacts, PaymentState
from .. import banners, cases
from .._act import act, say
from .._actor import Actor
from ._follow import collection_of, follow
from ._mirror import mirror_refund
from ._tie import ready_if_paid, tie

_STATUS = {state: PaymentStatus(state.value) for state in PaymentState}
_TAKEN_BACK = {DisputeState.OPEN, DisputeState.LOST}  # while a dispute is open the bank holds the money
_GRAVEST = (
    DisputeState.OPEN, DisputeState.LOST, DisputeState.UNKNOWN, DisputeState.WARNING, DisputeState.WON, DisputeState.CLOSED,
)  # fmt: skip


@act(robots=("stripe", "worker"))
def settle(
    payment_ref: str,
    *,
    facts: PaymentFacts | None,
    fetched_at: datetime,
    by: Actor,
) -> Payment | None:
    """Mirror a payment. An older fetch never overwrites a newer one.

    `payment_ref` is the processor's id when an event brings it, ours when a promise fetched it.
    """
    if facts is None:
        return _gone(payment_ref)
    collection = collection_of(facts)
    payment = _locked(facts)
    if collection and payment.order_id in (None, collection.order_id):
        tie(payment, Order.require(collection.order_id))
        follow(collection.id, facts, fetched_at=fetched_at)
    if payment.fetched_at and fetched_at < payment.fetched_at:
        say(f"Payment {facts.id} is known as of later")
        return payment
    before = payment.status
    payment.fetched_at = fetched_at
    payment.raw_status = facts.raw_status
    payment.amount, payment.captured, payment.currency = facts.amount, facts.captured, facts.currency
    payment.charge_id = facts.charge
    payment.card_brand, payment.card_last4 = facts.card_brand, facts.card_last4
    if facts.card_exp_month and facts.card_exp_year:
        payment.card_exp = f"{facts.card_exp_month:02}/{facts.card_exp_year}"
    payment.disputed = sum(d.amount for d in facts.disputes if d.state in _TAKEN_BACK)
    worst = min(facts.disputes, key=lambda d: _GRAVEST.index(d.state), default=None)
    payment.dispute = worst.state.value if worst else None
    payment.dispute_due_at = worst.evidence_due_at if worst else None
    payment.move_to(_STATUS[facts.state])
    for refund in facts.refunds:
        mirror_refund(refund, payment, fetched_at=fetched_at)
    _order_is_paid(payment)
    _watch(payment)
    banners.follow(payment)
    say(_told(payment, before))
    return payment


def _locked(facts: PaymentFacts) -> Payment:
    found = db.session.scalar(select(Payment.id).where(Payment.external_id == facts.id))
    if found:
        return Payment.lock(found)
    customer = Customer.by_external("stripe", facts.customer) if facts.customer else None
    return Payment(
        status=PaymentStatus.EXPECTED,
        external_id=facts.id,
        customer_id=customer.id if customer else None,
        currency=facts.currency,
        amount=facts.amount,
        captured=0,
        disputed=0,
    ).add()


def _gone(payment_id: str) -> Payment:
    """The shop named a payment that the processor does not have."""
    payment = Payment.lock(payment_id)
    cases.open_case(
        "vendor_rejected",
        payment.id,
        says=f"The shop says that {payment.external_id} paid this order, but Stripe has no such payment.",
        about=payment.related(),
    )
    say(f"Stripe has no payment {payment.external_id}")
    return payment


def _order_is_paid(payment: Payment) -> None:
    if payment.order_id is None or payment.captured < payment.amount:
        return
    ready_if_paid(Order.require(payment.order_id))


def _watch(payment: Payment) -> None:
    left = payment.remainder()
    if left.captured - left.disputed - left.refunded < 0:
        cases.open_case(
            "refunded_beyond_paid",
            payment.id,
            says=f"{Money(left.refunded, left.currency)} given back and {Money(left.disputed, left.currency)} disputed"
            f" of {Money(left.captured, left.currency)} paid.",
            about=payment.related(),
        )
    else:
        cases.close_when_solved("refunded_beyond_paid", payment.id, "it adds up again")


def _told(payment: Payment, before: str) -> str:
    money = Money(payment.captured or payment.amount, payment.currency)
    if payment.disputed:
        return f"{Money(payment.disputed, payment.currency)} of the payment of {money} is disputed"
    return (
        f"Payment of {money}: {payment.state.value.replace('_', ' ')}"
        if before != payment.status
        else f"Payment of {money} read again"
    )
