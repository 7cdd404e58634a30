"""Dunning goes with its invoice: it begins when that is not paid, and is over once nothing is owed any more."""

from __future__ import annotations

from datetime import timedelta

from ...models import (
    Change,
    ChangeStatus,
    Dunning,
    DunningStatus,
    Invoice,
    InvoiceStatus,
    LifecyclePolicy,
    Subscription,
    SubscriptionStatus,
)  # fmt: skip
from .. import billing, cases, outbox, subscriptions
from .._act import concerns, performing
from ._attempts import STRIPE, tried
from ._why import ask_why

_I, _S = InvoiceStatus, DunningStatus
_FIRST = "subscription_create"  # until its first invoice is paid a subscription has not begun: Stripe lets it expire
_NOTHING_TO_COLLECT = {
    _I.VOID: "The invoice was voided.",
    _I.UNCOLLECTIBLE: "The invoice was written off.",
    _I.DELETED: "The invoice was thrown away.",
}


@billing.when_moved
def follow(invoice: Invoice) -> None:
    """In the act that took the invoice in: begin, count Stripe's tries, or end."""
    dunning = Dunning.of_invoice(invoice.id)
    if dunning is None:
        if _failed(invoice):
            _begin(invoice)
        return
    dunning = Dunning.lock(dunning.id)
    dunning.subscription_id = (
        dunning.subscription_id or invoice.subscription_id
    )  # either may be heard of first
    dunning.customer_id = dunning.customer_id or invoice.customer_id
    if invoice.status == _I.PAID:
        over(dunning, _S.RECOVERED, "The invoice was paid.")
    elif why := _NOTHING_TO_COLLECT.get(InvoiceStatus(invoice.status)):
        over(dunning, _S.STOPPED, why)
    elif invoice.tried > dunning.tried:
        _tried_by_stripe(dunning, invoice)


@subscriptions.when_moved
def follow_subscription(one: Subscription) -> None:
    """In the act that took it in: nothing is collected for what has ended, and nothing ended."""
    if one.status == SubscriptionStatus.CANCELED:
        for dunning in Dunning.of_subscription(one.id):
            if dunning.running:
                over(Dunning.lock(dunning.id), _S.STOPPED, "The subscription is canceled.")


def _failed(invoice: Invoice) -> bool:
    """Whether the card was tried for it, in vain."""
    owed = invoice.status == _I.OPEN and invoice.remaining > 0
    return owed and invoice.tried > 0 and invoice.billing_reason != _FIRST


def _begin(invoice: Invoice) -> None:
    policy = LifecyclePolicy.active()
    began = invoice.finalized_at or invoice.created_at
    steps = policy.in_order()
    at_once = steps[0] if steps and steps[0].day == 0 else None
    late = performing().now - began > timedelta(
        days=1
    )  # known only now: what its first day was for has passed
    dunning = Dunning(
        status=_S.RUNNING,
        invoice_id=invoice.id,
        subscription_id=invoice.subscription_id,
        customer_id=invoice.customer_id,
        policy_id=policy.id,
        started_at=began,
        step=1 if at_once else 0,
        next_step_at=policy.step_at(began, 1 if at_once else 0),
        tells=at_once.message if at_once and not late else None,
        by=performing().by.label,
        trace_id=performing().trace,
        created_at=performing().now,
    ).add()
    _tried_by_stripe(dunning, invoice)


def _tried_by_stripe(dunning: Dunning, invoice: Invoice) -> None:
    dunning.tried = invoice.tried
    if dunning.running:
        tried(dunning, performing().now, STRIPE)
        ask_why(dunning, invoice)
    concerns(*dunning.related())


def over(dunning: Dunning, status: DunningStatus, why: str) -> None:
    """In an act: nothing is left to do about it. What was planned is taken back, what was declined needs nobody."""
    if status not in dunning.MOVES[dunning.state]:
        return
    dunning.move_to(status)
    dunning.why, dunning.next_step_at, dunning.tells = why, None, None
    for change in Change.of_invoice(dunning.invoice_id):
        if change.status == ChangeStatus.FAILED and change.verb.startswith("lifecycle."):
            outbox.moot(change.id, why)
            cases.close_when_solved("vendor_rejected", change.id, why)
    concerns(*dunning.related())
