"""Which act settles which kind of event, and what it fetches first. Everything else is kept and ignored."""

from __future__ import annotations

from ..services import inbox, messages, payments, refunds

inbox.route(
    "stripe",
    ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"],
    act=refunds.settle,
    fetch="payments.fetch_refund",
)
inbox.route(
    "stripe",
    [
        "payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled",
        "payment_intent.requires_action", "payment_intent.processing", "payment_intent.amount_capturable_updated",
        "charge.captured", "charge.refunded", "charge.dispute.created", "charge.dispute.updated",
        "charge.dispute.closed", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
    ],
    act=payments.settle,
    fetch="payments.fetch_payment",
)  # fmt: skip
inbox.route(
    "stripe",
    ["radar.early_fraud_warning.created", "radar.early_fraud_warning.updated"],
    act=payments.warn,
    fetch="payments.fetch_fraud_warning",
)
# Known, and nothing here depends on them: they say in other words what the kinds above say.
inbox.ignores(
    "stripe",
    {
        "charge.succeeded", "charge.updated", "charge.failed", "charge.pending", "payment_intent.created",
        "customer.created", "customer.updated", "customer.deleted", "payment_method.attached",
    },
)  # fmt: skip

inbox.route(
    "customerio",
    [
        "email.drafted", "email.attempted", "email.sent", "email.delivered", "email.bounced", "email.dropped",
        "email.undeliverable", "email.failed", "email.spammed",
    ],
    act=messages.settle,
    fetch="crm.fetch_message",
    lookup=messages.lookup,
)  # fmt: skip
# What people do with an e-mail once it is there, and marketing consent: nothing here looks at either.
inbox.ignores(
    "customerio",
    {
        "email.opened", "email.clicked", "email.converted", "email.unsubscribed",
        "customer.subscribed", "customer.unsubscribed",
    },
)  # fmt: skip
