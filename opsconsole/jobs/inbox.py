"""Which act settles which kind of event, and what it fetches first. Everything else is kept and ignored."""

from __future__ import annotations

from ..services import (
    billing,
    customers,
    fills,
    hold_rules,
    inbox,
    messages,
    payments,
    payouts,
    prescriptions,
    providers,
    questionnaires,
    refunds,
    review_flags,
    shipments,
    subscriptions,
    visits,
)

HOLDS = hold_rules  # it follows every invoice that is taken in
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
inbox.route(
    "stripe",
    ["customer.created", "customer.updated", "customer.deleted"],
    act=customers.settle,
    fetch="payments.fetch_customer",
    lookup=customers.lookup,
)
inbox.route(
    "stripe",
    [
        "invoice.created", "invoice.updated", "invoice.finalized", "invoice.finalization_failed", "invoice.sent",
        "invoice.paid", "invoice.payment_failed", "invoice.payment_succeeded", "invoice.payment_action_required",
        "invoice.payment_attempt_required", "invoice.voided", "invoice.marked_uncollectible", "invoice.overdue",
        "invoice.overpaid", "invoice.deleted", "invoice_payment.paid", "invoiceitem.created", "invoiceitem.deleted",
    ],
    act=billing.settle,
    fetch="billing.fetch_invoice",
    lookup=billing.lookup,
)  # fmt: skip
inbox.route(
    "stripe",
    ["credit_note.created", "credit_note.updated", "credit_note.voided"],
    act=billing.settle_credit_note,
    fetch="billing.fetch_credit_note",
)
inbox.route(
    "stripe",
    [
        "payout.created", "payout.updated", "payout.paid", "payout.failed", "payout.canceled",
        "payout.reconciliation_completed",
    ],
    act=payouts.settle,
    fetch="billing.fetch_payout",
)  # fmt: skip
inbox.route(
    "stripe",
    [
        "customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted",
        "customer.subscription.paused", "customer.subscription.resumed", "customer.subscription.trial_will_end",
        "customer.subscription.pending_update_applied", "customer.subscription.pending_update_expired",
        "subscription_schedule.created", "subscription_schedule.updated", "subscription_schedule.released",
        "subscription_schedule.canceled", "subscription_schedule.completed",
    ],
    act=subscriptions.settle,
    fetch="billing.fetch_subscription",
)  # fmt: skip
inbox.route(
    "stripe",
    ["price.created", "price.updated"],
    act=subscriptions.settle_price,
    fetch="billing.fetch_price",
)
# Known, and nothing here depends on them: they say in other words what the kinds above say.
inbox.ignores(
    "stripe",
    {
        "charge.succeeded", "charge.updated", "charge.failed", "charge.pending", "payment_intent.created",
        "invoice.upcoming", "customer.discount.created", "customer.discount.deleted", "payment_method.attached",
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
inbox.route(
    "customerio",
    ["customer.subscribed", "customer.unsubscribed"],
    act=customers.settle,
    fetch="crm.fetch_contact",
    lookup=customers.lookup,
)
# What people do with an e-mail once it is there: nothing here looks at it.
inbox.ignores("customerio", {"email.opened", "email.clicked", "email.converted", "email.unsubscribed"})

inbox.route(
    "pharmacy-truepill",
    [
        "ORDER.success", "ORDER.error", "ORDER.triage", "ORDER.filling", "ORDER.filled", "ORDER.partially_filled",
        "ORDER.canceled", "ORDER.cancel_denied", "ORDER.unknown", "SHIPMENT.TRANSIT", "SHIPMENT.DELIVERED",
        "SHIPMENT.unknown", "unknown",
    ],
    act=fills.settle,
    fetch="pharmacy-truepill.fetch_fill",
)  # fmt: skip
inbox.route(
    "pharmacy-honeybee",
    ["RX_RECEIVED", "RX_UPDATED", "SHIPMENT_UPDATED", "ORDER_EXCEPTION", "unknown"],
    act=fills.settle,
    fetch="pharmacy-honeybee.fetch_fill",
)
inbox.route(
    "easypost",
    ["tracker.created", "tracker.updated"],
    act=shipments.settle,
    fetch="tracking.fetch",
    lookup=shipments.lookup,
)
inbox.ignores("easypost", set())
inbox.route(
    "healthcare",
    ["Patient"],
    act=customers.settle_address,
    fetch="healthcare.fetch_patient",
    lookup=customers.lookup_patient,
)
inbox.route("healthcare", ["Practitioner"], act=providers.settle, fetch="healthcare.fetch_practitioner")
inbox.route(
    "healthcare", ["MedicationRequest"], act=prescriptions.settle, fetch="healthcare.fetch_prescription"
)
inbox.route(
    "healthcare",
    ["MedicationDispense"],
    act=prescriptions.settle_dispense,
    fetch="healthcare.fetch_dispense",
)
inbox.route("healthcare", ["Task"], act=prescriptions.settle_request, fetch="healthcare.fetch_task")
inbox.route("healthcare", ["Encounter"], act=visits.settle, fetch="healthcare.fetch_visit")
inbox.route(
    "healthcare", ["QuestionnaireResponse"], act=visits.settle_answers, fetch="healthcare.fetch_answers"
)
inbox.route("healthcare", ["Flag"], act=review_flags.settle, fetch="healthcare.fetch_flag")
inbox.route(
    "healthcare", ["Questionnaire"], act=questionnaires.settle, fetch="healthcare.fetch_questionnaire"
)
# Records of other kinds may be told of, as many as FHIR has: nothing here looks at them yet.
inbox.ignores("healthcare", set())
