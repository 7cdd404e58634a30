"""Stripe's objects in our words (API 2026-10-28.endive).

Enumerations are open: a value Stripe has added since is `UNKNOWN`, with Stripe's own word kept. What the
schema requires and is not there, or is of another type, is `WrongShape`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._stripe.fields import (
    WrongShape,
    amount,
    currency,
    expect,
    first_amount,
    id_of,
    instant,
    mapping,
    metadata,
    optional_flag,
    optional_int,
    optional_text,
    own_id,
    text,
)
from . import (
    CardFacts,
    CustomerFacts,
    DisputeFacts,
    DisputeState,
    FraudWarningFacts,
    PaymentFacts,
    PaymentState,
    RefundFacts,
    RefundState,
)

# https://docs.stripe.com/api/refunds/object#refund_object-status
REFUND_STATES = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.REQUIRES_ACTION,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.CANCELED,
}

# https://docs.stripe.com/payments/paymentintents/lifecycle
PAYMENT_STATES = {
    "requires_payment_method": PaymentState.REQUIRES_PAYMENT,
    "requires_confirmation": PaymentState.REQUIRES_PAYMENT,
    "requires_action": PaymentState.REQUIRES_ACTION,
    "processing": PaymentState.PROCESSING,
    "requires_capture": PaymentState.AUTHORISED,
    "succeeded": PaymentState.SUCCEEDED,
    "canceled": PaymentState.CANCELED,
}

# https://docs.stripe.com/api/disputes/object#dispute_object-status; an appeal is open again, and a
# prevented dispute was settled by a refund before it became one.
DISPUTE_STATES = {
    "warning_needs_response": DisputeState.WARNING,
    "warning_under_review": DisputeState.WARNING,
    "warning_closed": DisputeState.CLOSED,
    "needs_response": DisputeState.OPEN,
    "under_review": DisputeState.OPEN,
    "appeal_needs_response": DisputeState.OPEN,
    "appeal_under_review": DisputeState.OPEN,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
    "prevented": DisputeState.CLOSED,
}

GONE = (RefundState.FAILED, RefundState.CANCELED)


def refund_facts(data: Any) -> RefundFacts:
    expect(data, "refund")
    status = optional_text(data, "status")
    return RefundFacts(
        id=own_id(data),
        payment=id_of(data.get("payment_intent")),
        charge=id_of(data.get("charge")),
        amount=amount(data, "amount"),
        currency=currency(data),
        state=REFUND_STATES.get(status or "", RefundState.UNKNOWN),
        raw_status=status or "",
        created_at=instant(data, "created"),
        reason=optional_text(data, "reason"),
        pending_reason=optional_text(data, "pending_reason"),
        failure_reason=optional_text(data, "failure_reason"),
        reference=_reference(data.get("destination_details")),
        tags=metadata(data),
    )


def payment_facts(
    data: Any, *, refunds: tuple[RefundFacts, ...], disputes: tuple[DisputeFacts, ...]
) -> PaymentFacts:
    """`data` is a PaymentIntent with `latest_charge` expanded, where it has one."""
    expect(data, "payment_intent")
    status = text(data, "status")
    charge = mapping(data.get("latest_charge"))
    card = mapping(mapping(charge.get("payment_method_details")).get("card"))
    error = mapping(data.get("last_payment_error"))
    card = card or mapping(mapping(error.get("payment_method")).get("card"))  # the one that did not pay
    return PaymentFacts(
        id=own_id(data),
        state=PAYMENT_STATES.get(status, PaymentState.UNKNOWN),
        raw_status=status,
        amount=amount(data, "amount"),
        captured=first_amount(data.get("amount_received"), charge.get("amount_captured")),
        refunded=_refunded(charge, refunds),
        currency=currency(data),
        created_at=instant(data, "created"),
        customer=id_of(data.get("customer")),
        charge=id_of(data.get("latest_charge")),
        card_brand=optional_text(card, "brand"),
        card_last4=optional_text(card, "last4"),
        card_exp_month=optional_int(card, "exp_month"),
        card_exp_year=optional_int(card, "exp_year"),
        failure_code=optional_text(error, "decline_code")
        or optional_text(error, "code")
        or optional_text(charge, "failure_code"),
        failure_words=optional_text(error, "message") or optional_text(charge, "failure_message"),
        failure_advice=optional_text(error, "advice_code"),
        refunds=refunds,
        disputes=disputes,
        tags=metadata(data),
    )


def new_payment(data: Any) -> PaymentFacts:
    """One that was made just now, or could not be: nothing was taken from it yet."""
    return payment_facts(data, refunds=(), disputes=())


def is_disputed(payment: Any) -> bool:
    """Whether the latest charge of this PaymentIntent was ever disputed."""
    return bool(mapping(mapping(payment).get("latest_charge")).get("disputed"))


def dispute_facts(data: Any) -> DisputeFacts:
    expect(data, "dispute")
    status = text(data, "status")
    evidence = mapping(data.get("evidence_details"))
    return DisputeFacts(
        id=own_id(data),
        payment=id_of(data.get("payment_intent")),
        amount=amount(data, "amount"),
        currency=currency(data),
        state=DISPUTE_STATES.get(status, DisputeState.UNKNOWN),
        raw_status=status,
        reason=optional_text(data, "reason"),
        created_at=instant(data, "created"),
        evidence_due_at=instant(evidence, "due_by") if evidence.get("due_by") is not None else None,
    )


def payment_warned_of(data: Any) -> str | None:
    """The PaymentIntent's id that an early fraud warning is about, None for a charge made without one."""
    expect(data, "radar.early_fraud_warning")
    return id_of(data.get("payment_intent"))


def warning_facts(data: Any, *, of: PaymentFacts | None) -> FraudWarningFacts:
    """https://docs.stripe.com/api/radar/early_fraud_warnings/object"""
    expect(data, "radar.early_fraud_warning")
    if not isinstance(data.get("actionable"), bool):
        raise WrongShape("actionable")
    return FraudWarningFacts(
        id=own_id(data),
        of=of,
        kind=text(data, "fraud_type")[:60],
        actionable=data["actionable"],
        created_at=instant(data, "created"),
    )


def customer_facts(data: Any) -> CustomerFacts:
    """`data` is a Customer with `invoice_settings.default_payment_method` expanded.

    https://docs.stripe.com/api/customers/object: a deleted one has nothing left but its id.
    """
    expect(data, "customer")
    card = mapping(mapping(mapping(data.get("invoice_settings")).get("default_payment_method")).get("card"))
    return CustomerFacts(
        id=own_id(data),
        email=optional_text(data, "email"),
        name=optional_text(data, "name"),
        deleted=data.get("deleted") is True,
        created_at=instant(data, "created") if data.get("created") is not None else None,
        phone=optional_text(data, "phone"),
        currency=currency(data) if data.get("currency") is not None else None,
        balance=optional_int(data, "balance"),
        delinquent=optional_flag(data, "delinquent"),
        card_brand=optional_text(card, "brand"),
        card_last4=optional_text(card, "last4"),
        card_exp_month=optional_int(card, "exp_month"),
        card_exp_year=optional_int(card, "exp_year"),
    )


def card_facts(data: Any) -> CardFacts:
    """A PaymentMethod of the type card."""
    expect(data, "payment_method")
    card = mapping(data.get("card"))
    return CardFacts(
        id=own_id(data),
        brand=optional_text(card, "brand"),
        last4=optional_text(card, "last4"),
        exp_month=optional_int(card, "exp_month"),
        exp_year=optional_int(card, "exp_year"),
    )


def default_card(customer: Any) -> CardFacts | None:
    """The card that a Customer, with `invoice_settings.default_payment_method` expanded, is charged with."""
    expect(customer, "customer")
    method = mapping(customer.get("invoice_settings")).get("default_payment_method")
    return card_facts(method) if mapping(method).get("type") == "card" else None


def carries(refund: RefundFacts, ref: str, round: int) -> bool:
    """Whether this refund is what the promise `ref` asked for, or may ask for no more in this round.

    One that failed or was canceled stands for its own round only: it is that round's outcome, and the next
    round, which a person opens, starts anew.
    """
    if refund.tags.get("opsconsole_ref") != ref:
        return False
    return refund.state not in GONE or refund.tags.get("opsconsole_round") == str(round)


UNPAID = (PaymentState.REQUIRES_PAYMENT, PaymentState.CANCELED)


def paid_by(payment: PaymentFacts, ref: str, round: int) -> bool:
    """Whether this payment is what the promise `ref` asked for, or may ask for no more in this round.

    One that its card did not pay stands for its own round only, as a failed refund does.
    """
    if payment.tags.get("opsconsole_ref") != ref:
        return False
    return payment.state not in UNPAID or payment.tags.get("opsconsole_round") == str(round)


def _refunded(charge: Mapping[str, Any], refunds: tuple[RefundFacts, ...]) -> int:
    if type(charge.get("amount_refunded")) is int:
        return amount(charge, "amount_refunded")
    return sum(refund.amount for refund in refunds if refund.state not in GONE)


def _reference(details: Any) -> str | None:
    """The number a bank can trace a refund by: for cards the ARN, once it is there."""
    details = mapping(details)
    kind = details.get("type")
    return optional_text(mapping(details.get(kind)), "reference") if isinstance(kind, str) else None
