"""Stripe's objects in our words (API 2026-10-28.endive).

Enumerations are open: a value Stripe has added since is `UNKNOWN`, with Stripe's own word kept. What the
schema requires and is not there, or is of another type, is `WrongShape`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from .._asking import WrongShape, clean
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

_CURRENCY = re.compile(r"[a-z]{3}")
GONE = (RefundState.FAILED, RefundState.CANCELED)


def refund_facts(data: Any) -> RefundFacts:
    _expect(data, "refund")
    status = _optional_text(data, "status")
    return RefundFacts(
        id=_id(data),
        payment=id_of(data.get("payment_intent")),
        charge=id_of(data.get("charge")),
        amount=_amount(data, "amount"),
        currency=_currency(data),
        state=REFUND_STATES.get(status or "", RefundState.UNKNOWN),
        raw_status=status or "",
        created_at=_instant(data, "created"),
        reason=_optional_text(data, "reason"),
        pending_reason=_optional_text(data, "pending_reason"),
        failure_reason=_optional_text(data, "failure_reason"),
        reference=_reference(data.get("destination_details")),
        tags=_metadata(data),
    )


def payment_facts(
    data: Any, *, refunds: tuple[RefundFacts, ...], disputes: tuple[DisputeFacts, ...]
) -> PaymentFacts:
    """`data` is a PaymentIntent with `latest_charge` expanded, where it has one."""
    _expect(data, "payment_intent")
    status = _text(data, "status")
    charge = _dict(data.get("latest_charge"))
    card = _dict(_dict(charge.get("payment_method_details")).get("card"))
    error = _dict(data.get("last_payment_error"))
    card = card or _dict(_dict(error.get("payment_method")).get("card"))  # the one that did not pay
    return PaymentFacts(
        id=_id(data),
        state=PAYMENT_STATES.get(status, PaymentState.UNKNOWN),
        raw_status=status,
        amount=_amount(data, "amount"),
        captured=_first_amount(data.get("amount_received"), charge.get("amount_captured")),
        refunded=_refunded(charge, refunds),
        currency=_currency(data),
        created_at=_instant(data, "created"),
        customer=id_of(data.get("customer")),
        charge=id_of(data.get("latest_charge")),
        card_brand=_optional_text(card, "brand"),
        card_last4=_optional_text(card, "last4"),
        card_exp_month=_optional_int(card, "exp_month"),
        card_exp_year=_optional_int(card, "exp_year"),
        failure_code=_optional_text(error, "decline_code")
        or _optional_text(error, "code")
        or _optional_text(charge, "failure_code"),
        failure_words=_optional_text(error, "message") or _optional_text(charge, "failure_message"),
        refunds=refunds,
        disputes=disputes,
        tags=_metadata(data),
    )


def new_payment(data: Any) -> PaymentFacts:
    """One that was made just now, or could not be: nothing was taken from it yet."""
    return payment_facts(data, refunds=(), disputes=())


def is_disputed(payment: Any) -> bool:
    """Whether the latest charge of this PaymentIntent was ever disputed."""
    return bool(_dict(_dict(payment).get("latest_charge")).get("disputed"))


def dispute_facts(data: Any) -> DisputeFacts:
    _expect(data, "dispute")
    status = _text(data, "status")
    evidence = _dict(data.get("evidence_details"))
    return DisputeFacts(
        id=_id(data),
        payment=id_of(data.get("payment_intent")),
        amount=_amount(data, "amount"),
        currency=_currency(data),
        state=DISPUTE_STATES.get(status, DisputeState.UNKNOWN),
        raw_status=status,
        reason=_optional_text(data, "reason"),
        created_at=_instant(data, "created"),
        evidence_due_at=_instant(evidence, "due_by") if evidence.get("due_by") is not None else None,
    )


def payment_warned_of(data: Any) -> str | None:
    """The PaymentIntent's id that an early fraud warning is about, None for a charge made without one."""
    _expect(data, "radar.early_fraud_warning")
    return id_of(data.get("payment_intent"))


def warning_facts(data: Any, *, of: PaymentFacts | None) -> FraudWarningFacts:
    """https://docs.stripe.com/api/radar/early_fraud_warnings/object"""
    _expect(data, "radar.early_fraud_warning")
    if not isinstance(data.get("actionable"), bool):
        raise WrongShape("actionable")
    return FraudWarningFacts(
        id=_id(data),
        of=of,
        kind=_text(data, "fraud_type")[:60],
        actionable=data["actionable"],
        created_at=_instant(data, "created"),
    )


def customer_facts(data: Any) -> CustomerFacts:
    """`data` is a Customer with `invoice_settings.default_payment_method` expanded.

    https://docs.stripe.com/api/customers/object: a deleted one has nothing left but its id.
    """
    _expect(data, "customer")
    card = _dict(_dict(_dict(data.get("invoice_settings")).get("default_payment_method")).get("card"))
    return CustomerFacts(
        id=_id(data),
        email=_optional_text(data, "email"),
        name=_optional_text(data, "name"),
        deleted=data.get("deleted") is True,
        created_at=_instant(data, "created") if data.get("created") is not None else None,
        phone=_optional_text(data, "phone"),
        currency=_currency(data) if data.get("currency") is not None else None,
        balance=_optional_int(data, "balance"),
        delinquent=_optional_flag(data, "delinquent"),
        card_brand=_optional_text(card, "brand"),
        card_last4=_optional_text(card, "last4"),
        card_exp_month=_optional_int(card, "exp_month"),
        card_exp_year=_optional_int(card, "exp_year"),
    )


def card_facts(data: Any) -> CardFacts:
    """A PaymentMethod of the type card."""
    _expect(data, "payment_method")
    card = _dict(data.get("card"))
    return CardFacts(
        id=_id(data),
        brand=_optional_text(card, "brand"),
        last4=_optional_text(card, "last4"),
        exp_month=_optional_int(card, "exp_month"),
        exp_year=_optional_int(card, "exp_year"),
    )


def default_card(customer: Any) -> CardFacts | None:
    """The card that a Customer, with `invoice_settings.default_payment_method` expanded, is charged with."""
    _expect(customer, "customer")
    method = _dict(customer.get("invoice_settings")).get("default_payment_method")
    return card_facts(method) if _dict(method).get("type") == "card" else None


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


def id_of(value: Any) -> str | None:
    """The id of an expandable field: an id, the object itself, or nothing."""
    found = value.get("id") if isinstance(value, dict) else value
    return clean(found) if isinstance(found, str) and found else None


def _expect(data: Any, kind: str) -> None:
    if not isinstance(data, dict) or data.get("object") != kind:
        raise WrongShape(f"not a {kind}")


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _id(data: Mapping[str, Any]) -> str:
    value = data.get("id")
    if not isinstance(value, str) or not 0 < len(value) <= 255 or clean(value) != value:
        raise WrongShape("id")
    return value


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise WrongShape(key)
    return clean(value)


def _optional_text(data: Mapping[str, Any], key: str) -> str | None:
    return None if data.get(key) is None else _text(data, key)


def _optional_int(data: Mapping[str, Any], key: str) -> int | None:
    value = data.get(key)
    return value if type(value) is int else None


def _optional_flag(data: Mapping[str, Any], key: str) -> bool | None:
    value = data.get(key)
    return value if isinstance(value, bool) else None


def _amount(data: Mapping[str, Any], key: str) -> int:
    value = data.get(key)
    if type(value) is not int or not 0 <= value < 2**53:
        raise WrongShape(key)
    return value


def _first_amount(*values: Any) -> int:
    return next((value for value in values if type(value) is int and value >= 0), 0)


def _refunded(charge: Mapping[str, Any], refunds: tuple[RefundFacts, ...]) -> int:
    if type(charge.get("amount_refunded")) is int:
        return _amount(charge, "amount_refunded")
    return sum(refund.amount for refund in refunds if refund.state not in GONE)


def _currency(data: Mapping[str, Any]) -> str:
    value = _text(data, "currency").lower()
    if not _CURRENCY.fullmatch(value):
        raise WrongShape("currency")
    return value


def _instant(data: Mapping[str, Any], key: str) -> datetime:
    value = data.get(key)
    if type(value) is not int:
        raise WrongShape(key)
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        raise WrongShape(key) from None


def _metadata(data: Mapping[str, Any]) -> dict[str, str]:
    pairs = _dict(data.get("metadata")).items()
    return {clean(key): clean(value) for key, value in pairs if isinstance(value, str)}


def _reference(details: Any) -> str | None:
    """The number a bank can trace a refund by: for cards the ARN, once it is there."""
    details = _dict(details)
    kind = details.get("type")
    return _optional_text(_dict(details.get(kind)), "reference") if isinstance(kind, str) else None
