"""Charges: the money itself. Made by payment intents; retrieve, list, update metadata."""

from __future__ import annotations

from typing import Any

from ._banks import NOS, No
from ._form import SHIPPING, hash_of, merge_metadata, metadata, text
from ._routes import LIST, route
from ._turn import Facts, Turn, page, shape_of, show
from .payment_methods import billing_details, fingerprint


@shape_of("charge")
def charge(facts: Facts) -> dict[str, Any]:
    no = NOS[facts.get("no", "declines")] if facts["status"] == "failed" else None
    return {
        "id": facts["id"],
        "object": "charge",
        "amount": facts["amount"],
        "amount_captured": facts["amount_captured"],
        "amount_refunded": facts.get("amount_refunded", 0),
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": facts.get("balance_transaction"),
        "billing_details": billing_details(),
        "calculated_statement_descriptor": "SANDBOX",
        "captured": facts["captured"],
        "created": facts["created"],
        "currency": facts["currency"],
        "customer": facts.get("customer"),
        "description": facts.get("description"),
        "disputed": facts.get("disputed", False),
        "failure_balance_transaction": None,
        "failure_code": no.code if no else None,
        "failure_message": no.message if no else None,
        "fraud_details": {"user_report": "fraudulent"} if facts.get("reported_fraudulent") else {},
        "livemode": False,
        "metadata": facts.get("metadata", {}),
        "on_behalf_of": None,
        "outcome": _outcome(no),
        "paid": no is None,
        "payment_intent": facts["payment_intent"],
        "payment_method": facts["payment_method"],
        "payment_method_details": {"card": _card(facts), "type": "card"},
        "radar_options": {},
        "receipt_email": facts.get("receipt_email"),
        "receipt_number": None,
        "receipt_url": None,
        "refunded": facts.get("amount_refunded", 0) == facts["amount"],
        "review": None,
        "shipping": facts.get("shipping"),
        "source": None,
        "source_transfer": None,
        "statement_descriptor": facts.get("statement_descriptor"),
        "statement_descriptor_suffix": facts.get("statement_descriptor_suffix"),
        "status": facts["status"],
        "transfer_data": None,
        "transfer_group": facts.get("transfer_group"),
    }


def _outcome(no: No | None) -> dict[str, Any]:
    return {
        "advice_code": no.advice if no else None,
        "network_advice_code": None,
        "network_decline_code": no.network if no else None,
        "network_status": "declined_by_network" if no else "approved_by_network",
        "reason": (no.decline_code or no.code) if no else None,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": (
            "The bank did not return any further details with this decline." if no else "Payment complete."
        ),
        "type": "issuer_declined" if no else "authorized",
    }


def _card(facts: Facts) -> dict[str, Any]:
    card = facts["card"]
    return {
        "amount_authorized": facts["amount"] if facts["status"] != "failed" else None,
        "authorization_code": None,
        "brand": card["brand"],
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": "US",
        "electronic_commerce_indicator": None,
        "exp_month": card["exp_month"],
        "exp_year": card["exp_year"],
        "extended_authorization": {"status": "disabled"},
        "fingerprint": fingerprint(card),
        "funding": "credit",
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": card["last4"],
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": False},
        "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": facts["amount"], "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": None,
        "transaction_link_id": None,
        "wallet": None,
    }


@route("GET", "/charges/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    return show("charge", turn.need("charge", id))


@route("GET", "/charges", {**LIST, "customer": text(), "payment_intent": text(), "transfer_group": text()})
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    where = {"customer": values.get("customer"), "payment_intent": values.get("payment_intent")}
    group = values.get("transfer_group")
    also = ("facts ->> 'transfer_group' = ?", (group,)) if group else ("", ())
    return page(turn, "charge", values, "/v1/charges", where=where, also=also)


UPDATES = {
    "description": text(clears=True),
    "metadata": metadata(),
    "receipt_email": text(clears=True),
    "shipping": hash_of(SHIPPING),
}


@route("POST", "/charges/<id>", UPDATES)
def update(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("charge", id)
    before = show("charge", facts)
    values.pop("expand", None)
    if "metadata" in values:
        values["metadata"] = merge_metadata(facts.get("metadata", {}), values["metadata"])
    facts.update(values)
    if show("charge", facts) != before:
        turn.save("charge", facts)
        turn.record("charge.updated", facts)
        turn.emit("charge.updated", "charge", facts, before)
    return show("charge", facts)
