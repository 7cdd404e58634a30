"""Taking in a refund as the processor holds it: ours, or one that was made elsewhere."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from ...lib.money import Money
from ...models import Payment, Refund, RefundLine, RefundStatus
from ...vendors.payments import RefundFacts, RefundState
from .. import cases, outbox
from .._act import performing

ELSEWHERE = "made_elsewhere"

_STATUS = {
    RefundState.PENDING: RefundStatus.PENDING,
    RefundState.REQUIRES_ACTION: RefundStatus.REQUIRES_ACTION,
    RefundState.SUCCEEDED: RefundStatus.SUCCEEDED,
    RefundState.FAILED: RefundStatus.FAILED,
    RefundState.CANCELED: RefundStatus.FAILED,
}


def mirror_refund(
    facts: RefundFacts, payment: Payment, *, fetched_at: datetime, asked_for: Refund | None = None
) -> Refund:
    """Bring our refund up to what the processor says, or adopt one we did not make.

    Lock the payment first. An older fetch never overwrites a newer one, and what became of an
    earlier round's refund is not news about this one. `asked_for` is the refund whose call is being
    answered; without it the facts came by themselves, and settle a call whose answer was lost.
    """
    refund = asked_for or _ours(facts, payment) or _adopt(facts, payment)
    if refund.fetched_at and fetched_at < refund.fetched_at:
        return refund
    if (
        refund.external_id
        and refund.external_id != facts.id
        and facts.state in (RefundState.FAILED, RefundState.CANCELED)
    ):
        return refund
    if refund.status == RefundStatus.SUBMITTED and not asked_for:
        outbox.proven(refund.id)
    refund.external_id = facts.id
    refund.fetched_at = fetched_at
    refund.raw_status = facts.raw_status
    refund.amount = facts.amount
    refund.pending_reason = facts.pending_reason
    refund.reference_number = facts.reference
    refund.failure_reason = facts.failure_reason or (
        "canceled" if facts.state is RefundState.CANCELED else None
    )
    _follow(refund, facts)
    return refund


def _ours(facts: RefundFacts, payment: Payment) -> Refund | None:
    found = Refund.by_external(facts.id) or Refund.get(facts.tags.get("opsconsole_subject", ""))
    return Refund.lock(found.id) if found and found.payment_id == payment.id else None


def _adopt(facts: RefundFacts, payment: Payment) -> Refund:
    """Somebody refunded outside the console: it counts against the payment all the same."""
    return Refund(
        status=RefundStatus.PENDING,
        payment_id=payment.id,
        order_id=payment.order_id,
        customer_id=payment.customer_id,
        external_id=facts.id,
        currency=facts.currency,
        amount=facts.amount,
        reason=ELSEWHERE,
        by="outside the console",
        trace_id=performing().trace,
        created_at=facts.created_at,
    ).add()


def _follow(refund: Refund, facts: RefundFacts) -> None:
    status = _STATUS.get(facts.state)
    if status is None:
        cases.open_case(
            "vendor_status_unknown",
            refund.id,
            says=f"Stripe calls this refund “{facts.raw_status}”, a word we do not know.",
            about=refund.related(),
        )
        return
    if refund.status == RefundStatus.WITHDRAWN:
        cases.open_case(
            "our_fault",
            refund.id,
            says="This refund was undone here, yet Stripe made it. Tell finance and engineering.",
            about=refund.related(),
        )
        return
    if status is RefundStatus.SUCCEEDED:
        arrived = "the money arrived after all"
        cases.close_when_solved({"vendor_status_unknown", "refund_failed"}, refund.id, arrived)
    else:
        cases.close_when_solved("vendor_status_unknown", refund.id, "Stripe uses a word we know again")
    if refund.move_to(status) and status is RefundStatus.FAILED:
        _failed(refund)


FAILURES = {
    "lost_or_stolen_card": "the card was reported lost or stolen",
    "expired_or_canceled_card": "the card has expired or was canceled",
    "charge_for_pending_refund_disputed": "the customer disputed the charge while the refund was pending",
    "insufficient_funds": "our balance was too low",
    "declined": "the bank declined it",
    "merchant_request": "it was called off on our request",
    "canceled": "it was canceled",
}


def _failed(refund: Refund) -> None:
    why = FAILURES.get(refund.failure_reason or "", refund.failure_reason or "the bank gave no reason")
    amount = Money(refund.amount, refund.currency)
    again = f"/orders/{refund.order_id}/refund?{urlencode(_the_same(refund))}"
    cases.open_case(
        "refund_failed",
        refund.id,
        says=f"The refund of {amount} came back: {why}. The customer does not have the money.",
        suggests={"act": "refunds.issue", "url": again, "label": "Refund again"} if refund.order_id else None,
        about=refund.related(),
    )


def _the_same(refund: Refund) -> dict[str, str]:
    """What fills the refund form with this refund: its lines and shipping, or its amount."""
    filled = {"payment": refund.payment_id}
    for part in RefundLine.of(refund.id):
        if line := part.line:
            row = f"lines-{line.position - 1}"
            filled |= {f"{row}-line": line.id, f"{row}-amount": part.money.amount}
        else:
            filled["shipping"] = part.money.amount
    return filled if len(filled) > 1 else filled | {"amount": refund.money.amount}
