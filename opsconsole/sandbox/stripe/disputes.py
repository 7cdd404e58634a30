"""Disputes: a bank takes money back. Opened and closed by the control side, read by the API."""

from __future__ import annotations

from typing import Any

from . import balance
from ._form import merge_metadata, metadata, text
from ._routes import LIST, route
from ._turn import Facts, Turn, new_id, page, shape_of, show
from .fraud_warnings import look_again

REASONS = (
    *("bank_cannot_process", "check_returned", "credit_not_processed", "customer_initiated"),
    *("debit_not_authorized", "duplicate", "fraudulent", "general", "incorrect_account_details"),
    *("insufficient_funds", "noncompliant", "product_not_received", "product_unacceptable"),
    *("subscription_canceled", "unrecognized"),
)
STATUSES = (
    *("warning_needs_response", "warning_under_review", "warning_closed", "needs_response"),
    *("under_review", "won", "lost", "prevented"),
)
CLOSED = ("won", "lost", "warning_closed", "prevented")
INQUIRIES = ("warning_needs_response", "warning_under_review", "warning_closed")
REASON_CODE = "10.4"
RESPOND_WITHIN = 20 * 86400
EVIDENCE = (
    *("access_activity_log", "billing_address", "cancellation_policy"),
    *("cancellation_policy_disclosure", "cancellation_rebuttal", "customer_communication"),
    *("customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature"),
    *("duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id"),
    *("product_description", "receipt", "refund_policy", "refund_policy_disclosure"),
    *("refund_refusal_explanation", "service_date", "service_documentation", "shipping_address"),
    *("shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number"),
    *("uncategorized_file", "uncategorized_text"),
)


@shape_of("dispute")
def dispute(facts: Facts) -> dict[str, Any]:
    status = facts["status"]
    return {
        "id": facts["id"],
        "object": "dispute",
        "amount": facts["amount"],
        "balance_transactions": facts.get("balance_transactions", []),
        "charge": facts["charge"],
        "created": facts["created"],
        "currency": facts["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": None if status in CLOSED else facts["created"] + RESPOND_WITHIN,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": status in INQUIRIES,
        "livemode": False,
        "metadata": facts.get("metadata", {}),
        "network_reason_code": REASON_CODE,
        "payment_intent": facts["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": facts["brand"],
                "case_type": "inquiry" if status in INQUIRIES else "chargeback",
                "network": facts["brand"],
                "network_reason_code": REASON_CODE,
            },
            "type": "card",
        },
        "reason": facts["reason"],
        "status": status,
    }


def facts_of(charge: Facts, created: int, **given: Any) -> Facts:
    return {
        "id": given.get("id") or new_id("du"),
        "created": created,
        "amount": given.get("amount") or charge["amount"],
        "currency": charge["currency"],
        "charge": charge["id"],
        "payment_intent": charge["payment_intent"],
        "reason": given.get("reason") or "general",
        "status": given.get("status") or "needs_response",
        "brand": charge["card"]["brand"],
    }


def open_dispute(turn: Turn, charge: Facts, **given: Any) -> Facts:
    """`given`: amount, reason, status (needs_response, or warning_needs_response for an inquiry)."""
    facts = facts_of(charge, turn.created, **given)
    if facts["status"] == "needs_response":
        balance.disputed(turn, facts)
    turn.add("dispute", facts)
    before = show("charge", charge)
    charge["disputed"] = True
    turn.save("charge", charge)
    turn.record("dispute", facts)
    turn.emit("charge.dispute.created", "dispute", facts)
    if facts["status"] == "needs_response":
        turn.emit("charge.dispute.funds_withdrawn", "dispute", facts)
    turn.emit("charge.updated", "charge", charge, before)
    look_again(turn, charge)
    return facts


def close_dispute(turn: Turn, facts: Facts, status: str) -> Facts:
    """Raises ValueError when it is closed already."""
    if facts["status"] in CLOSED:
        raise ValueError(f"Dispute {facts['id']} is already {facts['status']}.")
    inquiry = facts["status"].startswith("warning")
    before = show("dispute", facts)
    facts["status"] = "warning_closed" if inquiry else status
    if facts["status"] == "won":
        balance.dispute_won(turn, facts)
    turn.save("dispute", facts)
    turn.record(f"dispute.{facts['status']}", facts)
    if facts["status"] == "won":
        turn.emit("charge.dispute.funds_reinstated", "dispute", facts, before)
    turn.emit("charge.dispute.closed", "dispute", facts, before)
    return facts


@route("GET", "/disputes/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    return show("dispute", turn.need("dispute", id))


@route("GET", "/disputes", {**LIST, "charge": text(), "payment_intent": text()})
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    where = {"charge": values.get("charge"), "payment_intent": values.get("payment_intent")}
    return page(turn, "dispute", values, "/v1/disputes", where=where)


@route("POST", "/disputes/<id>", {"metadata": metadata()})
def update(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("dispute", id)
    before = show("dispute", facts)
    if "metadata" in values:
        facts["metadata"] = merge_metadata(facts.get("metadata", {}), values["metadata"])
    if show("dispute", facts) != before:
        turn.save("dispute", facts)
        turn.record("dispute.updated", facts)
        turn.emit("charge.dispute.updated", "dispute", facts, before)
    return show("dispute", facts)
