"""Payment methods: Stripe's test cards, each use of which makes a new one; attach, retrieve, list."""

from __future__ import annotations

import hashlib
from typing import Any

from ._errors import ApiError, Malformed
from ._form import ADDRESS, one_of, text
from ._routes import LIST, route
from ._turn import Facts, Turn, new_id, page, shape_of, show

#: The test cards of docs.stripe.com/testing, and how the money behind each behaves.
TEST_CARDS: dict[str, dict[str, str]] = {
    "pm_card_visa": {"brand": "visa", "last4": "4242"},
    "pm_card_mastercard": {"brand": "mastercard", "last4": "4444"},
    "pm_card_amex": {"brand": "amex", "last4": "8431"},
    "pm_card_chargeDeclined": {"brand": "visa", "last4": "0002", "behaves": "declines"},
    "pm_card_visa_chargeDeclined": {"brand": "visa", "last4": "0002", "behaves": "declines"},
    "pm_card_chargeCustomerFail": {"brand": "visa", "last4": "0341", "behaves": "declines"},
    "pm_card_visa_chargeDeclinedInsufficientFunds": {
        "brand": "visa", "last4": "9995", "behaves": "insufficient_funds",
    },
    "pm_card_visa_chargeDeclinedLostCard": {"brand": "visa", "last4": "9987", "behaves": "lost_card"},
    "pm_card_visa_chargeDeclinedStolenCard": {"brand": "visa", "last4": "9979", "behaves": "stolen_card"},
    "pm_card_visa_chargeDeclinedVelocityLimitExceeded": {
        "brand": "visa", "last4": "6975", "behaves": "card_velocity_exceeded",
    },
    "pm_card_chargeDeclinedExpiredCard": {"brand": "visa", "last4": "0069", "behaves": "expired_card"},
    "pm_card_chargeDeclinedIncorrectCvc": {"brand": "visa", "last4": "0127", "behaves": "incorrect_cvc"},
    "pm_card_chargeDeclinedProcessingError": {"brand": "visa", "last4": "0119", "behaves": "processing_error"},
    "pm_card_authenticationRequired": {"brand": "visa", "last4": "3184", "behaves": "authentication_required"},
    "pm_card_refundFail": {"brand": "visa", "last4": "5126", "behaves": "fails_refunds"},
    "pm_card_pendingRefund": {"brand": "visa", "last4": "7726", "behaves": "delays_refunds"},
    "pm_card_createIssuerFraudRecord": {"brand": "visa", "last4": "5423", "behaves": "is_warned_of"},
    "pm_card_createDispute": {"brand": "visa", "last4": "0259", "behaves": "disputes"},
}  # fmt: skip
TYPES = ("card", "us_bank_account", "sepa_debit", "link")


@shape_of("payment_method")
def payment_method(facts: Facts) -> dict[str, Any]:
    card = facts["card"]
    return {
        "id": facts["id"],
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": billing_details(),
        "card": {
            "brand": card["brand"],
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": None,
                "cvc_check": "pass",
            },
            "country": "US",
            "display_brand": card["brand"],
            "exp_month": card["exp_month"],
            "exp_year": card["exp_year"],
            "fingerprint": fingerprint(card),
            "funding": "credit",
            "generated_from": None,
            "last4": card["last4"],
            "networks": {"available": [card["brand"]], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": facts["created"],
        "customer": facts.get("customer"),
        "customer_account": None,
        "livemode": False,
        "metadata": facts.get("metadata", {}),
        "radar_options": {},
        "type": "card",
    }


def billing_details() -> dict[str, Any]:
    return {
        "address": dict.fromkeys(ADDRESS),
        "email": None,
        "name": None,
        "phone": None,
        "tax_id": None,
    }


def fingerprint(card: Facts) -> str:
    return hashlib.sha256(f"{card['brand']}{card['last4']}".encode()).hexdigest()[:16]


def usable(turn: Turn, id: str, customer: str | None) -> Facts:
    """The payment method to charge: a test card becomes a new one. Raises when it belongs to someone else."""
    if id in TEST_CARDS:
        return turn.add("payment_method", from_test_card(turn, id))
    facts = turn.need("payment_method", id, "payment_method")
    owner = facts.get("customer")
    if owner is not None and owner != customer:
        raise Malformed(
            f"The provided PaymentMethod ({id}) belongs to another customer, so it cannot be used here.",
            param="payment_method",
        )
    return facts


def from_test_card(turn: Turn, name: str) -> Facts:
    card = {"exp_month": 12, "exp_year": 2034, **TEST_CARDS[name]}
    return {"id": new_id("pm"), "created": turn.created, "card": card}


def attach_to(turn: Turn, id: str, customer: Facts, param: str | None = None) -> Facts:
    facts = (
        turn.add("payment_method", from_test_card(turn, id))
        if id in TEST_CARDS
        else turn.need("payment_method", id, param)
    )
    if facts.get("customer") not in (None, customer["id"]):
        raise ApiError(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_unexpected_state",
        )
    if facts.get("customer") is None:
        facts["customer"] = customer["id"]
        turn.save("payment_method", facts)
        turn.record("payment_method.attached", facts)
        turn.emit("payment_method.attached", "payment_method", facts)
    return facts


@route("POST", "/payment_methods/<id>/attach", {"customer": text()}, needs=("customer",))
def attach(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    customer = turn.need("customer", values["customer"], "customer")
    return show("payment_method", attach_to(turn, id, customer))


@route("GET", "/payment_methods/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    if id in TEST_CARDS:
        return show("payment_method", {**from_test_card(turn, id), "id": id})
    return show("payment_method", turn.need("payment_method", id))


@route("GET", "/payment_methods", {**LIST, "customer": text(), "type": one_of(*TYPES)})
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    if "customer" in values:
        turn.need("customer", values["customer"], "customer")
    where = {"customer": values.get("customer")}
    also = ("0", ()) if values.get("type", "card") != "card" else ("", ())
    return page(turn, "payment_method", values, "/v1/payment_methods", where=where, also=also)


@route("GET", "/customers/<customer>/payment_methods", {**LIST, "type": one_of(*TYPES)})
def find_of_customer(turn: Turn, values: dict[str, Any], customer: str) -> dict[str, Any]:
    turn.need("customer", customer)
    also = ("0", ()) if values.get("type", "card") != "card" else ("", ())
    return page(
        turn,
        "payment_method",
        values,
        f"/v1/customers/{customer}/payment_methods",
        where={"customer": customer},
        also=also,
    )
