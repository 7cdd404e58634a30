"""Refunds: give money back, at most what is left, and what banks do with it days later."""

from __future__ import annotations

import secrets
from typing import Any

from . import balance
from ._errors import ApiError, Malformed
from ._form import Schema, boolean, integer, merge_metadata, metadata, one_of, text
from ._money import CURRENCIES, shown
from ._routes import LIST, route
from ._turn import Facts, Turn, new_id, page, shape_of, show
from .disputes import INQUIRIES
from .fraud_warnings import look_again

REASONS = ("duplicate", "fraudulent", "requested_by_customer")
STATUSES = ("pending", "requires_action", "succeeded", "failed", "canceled")
PENDING_REASONS = ("processing", "insufficient_funds", "charge_pending")
FAILURE_REASONS = (
    "lost_or_stolen_card",
    "expired_or_canceled_card",
    "charge_for_pending_refund_disputed",
    "insufficient_funds",
    "declined",
    "merchant_request",
    "unknown",
)
#: A delayed refund settles after a minute of sandbox time, the bank's reference number comes after a day.
SETTLES_AFTER = 60
REFERENCE_AFTER = 24 * 3600
CUSTOMER_ANSWERS_WITHIN = 45 * 86400


@shape_of("refund")
def refund(facts: Facts) -> dict[str, Any]:
    """Fields that describe a failure, a wait or a next step are there only when there is one."""
    status = facts["status"]
    shown_ = {
        "id": facts["id"],
        "object": "refund",
        "amount": facts["amount"],
        "balance_transaction": facts.get("balance_transaction"),
        "charge": facts["charge"],
        "created": facts["created"],
        "currency": facts["currency"],
        "customer": facts.get("customer"),
        "customer_account": None,
        "destination_details": {"card": _card_reference(facts), "type": "card"},
        "metadata": facts.get("metadata", {}),
        "payment_intent": facts["payment_intent"],
        "payment_method": facts.get("payment_method"),
        "reason": facts.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": status,
        "transfer_reversal": None,
    }
    if status == "pending":
        shown_["pending_reason"] = facts.get("pending_reason", "processing")
    if status in ("failed", "canceled"):
        shown_["failure_balance_transaction"] = facts.get("failure_balance_transaction")
        shown_["failure_reason"] = facts.get("failure_reason")
    if facts.get("instructions_email"):
        shown_["instructions_email"] = facts["instructions_email"]
    if status == "requires_action":
        sent = {"email_sent_at": facts["created"], "email_sent_to": facts.get("instructions_email") or ""}
        details = {"email_sent": sent, "expires_at": facts["created"] + CUSTOMER_ANSWERS_WITHIN}
        shown_["next_action"] = {"display_details": details, "type": "display_details"}
    return shown_


def _card_reference(facts: Facts) -> dict[str, Any]:
    reference = facts.get("reference")
    settled = facts["status"] == "succeeded"
    return {
        "reference": reference,
        "reference_status": "available" if reference else "pending" if settled else "unavailable",
        "reference_type": "acquirer_reference_number",
        "type": "pending" if facts["status"] == "pending" else "refund",
    }


CREATE: Schema = {
    "amount": integer(1),
    "charge": text(),
    "currency": text(3),
    "customer": text(),
    "instructions_email": text(512),
    "metadata": metadata(),
    "origin": one_of("customer_balance"),
    "payment_intent": text(),
    "reason": one_of(*REASONS),
    "refund_application_fee": boolean(),
    "reverse_transfer": boolean(),
}


@route("POST", "/refunds", CREATE)
def create(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    charge = _charge_to_refund(turn, values)
    amount = _amount(turn, charge, values)
    facts: Facts = {
        "id": new_id("re"),
        "created": turn.created,
        "amount": amount,
        "currency": charge["currency"],
        "charge": charge["id"],
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "customer": charge.get("customer"),
        "reason": values.get("reason"),
        "instructions_email": values.get("instructions_email"),
        "metadata": merge_metadata({}, values.get("metadata", {})),
        "balance_transaction": new_id("txn"),
        "status": "succeeded",
    }
    behaves = charge["card"].get("behaves")
    if behaves == "delays_refunds":
        facts["status"] = "pending"
        turn.later(SETTLES_AFTER, "stripe refund settles", facts["id"])
    elif behaves == "fails_refunds":
        turn.later(0, "stripe refund fails", facts["id"])
    else:
        turn.later(REFERENCE_AFTER, "stripe refund reference", facts["id"])
    turn.add("refund", facts)
    balance.refunded(turn, facts)
    turn.record("refund", facts)
    turn.emit("refund.created", "refund", facts)
    if facts["reason"] == "fraudulent":
        charge["reported_fraudulent"] = True
    _move_balance(turn, charge, amount, "charge.refunded")
    return show("refund", facts)


def _charge_to_refund(turn: Turn, values: dict[str, Any]) -> Facts:
    if "charge" in values and "payment_intent" in values:
        raise Malformed("You may only specify one of these parameters: charge, payment_intent.")
    for name in ("origin", "currency", "customer"):
        if name in values:
            raise Malformed("Refunds of a cash balance are not available on this account.", param=name)
    if "charge" in values:
        charge = turn.need("charge", values["charge"], "charge")
    elif "payment_intent" in values:
        intent = turn.need("payment_intent", values["payment_intent"], "payment_intent")
        latest = intent.get("latest_charge")
        charge = turn.need("charge", latest) if latest else {"status": "failed"}
        if charge["status"] != "succeeded":
            raise ApiError(
                f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                param="payment_intent",
            )
    else:
        raise Malformed(
            "One of the following params should be provided for this request: payment_intent or charge.",
            code="parameter_missing",
        )
    if charge["status"] != "succeeded":
        raise ApiError(f"Charge {charge['id']} was not successful, so it cannot be refunded.", param="charge")
    if not charge["captured"]:
        raise ApiError(
            f"Charge {charge['id']} has not been captured; cancel its PaymentIntent instead.",
            code="charge_not_captured",
        )
    for name in ("reverse_transfer", "refund_application_fee"):
        if values.get(name):
            raise ApiError(f"Charge {charge['id']} has no transfer or application fee.", param=name)
    return charge


def _amount(turn: Turn, charge: Facts, values: dict[str, Any]) -> int:
    """The amount asked for, or all that is left. Refuses when disputed or when it is too much."""
    left: int = charge["amount"] - charge.get("amount_refunded", 0)
    if any(not _refundable(dispute) for dispute in turn.all("dispute", charge=charge["id"])):
        raise ApiError(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )
    if left == 0:
        raise ApiError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount: int = values.get("amount", left)
    if amount > left:
        currency = charge["currency"]
        raise ApiError(
            f"Refund amount ({shown(amount, currency)}) is greater than unrefunded amount on charge "
            f"({shown(left, currency)})",
            param="amount",
        )
    if amount % CURRENCIES[charge["currency"]].step:
        raise ApiError("Amounts in this currency must be multiples of 10.", param="amount")
    return amount


def _refundable(dispute: Facts) -> bool:
    """An inquiry has taken nothing yet, and a dispute that was won has given it back."""
    return dispute["status"] in ("won", "prevented", *INQUIRIES)


def _move_balance(turn: Turn, charge: Facts, amount: int, event: str) -> None:
    before = show("charge", charge)
    charge["amount_refunded"] = charge.get("amount_refunded", 0) + amount
    turn.save("charge", charge)
    turn.emit(event, "charge", charge, before)
    look_again(turn, charge)


@route("GET", "/refunds/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    return show("refund", turn.need("refund", id))


@route("GET", "/refunds", {**LIST, "charge": text(), "payment_intent": text()})
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    where = {"charge": values.get("charge"), "payment_intent": values.get("payment_intent")}
    for name, kind in (("charge", "charge"), ("payment_intent", "payment_intent")):
        if name in values:
            turn.need(kind, values[name], name)
    return page(turn, "refund", values, "/v1/refunds", where=where)


@route("GET", "/charges/<charge>/refunds", LIST)
def find_of_charge(turn: Turn, values: dict[str, Any], charge: str) -> dict[str, Any]:
    turn.need("charge", charge)
    return page(turn, "refund", values, f"/v1/charges/{charge}/refunds", where={"charge": charge})


@route("POST", "/refunds/<id>", {"metadata": metadata()})
def update(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("refund", id)
    before = show("refund", facts)
    if "metadata" in values:
        facts["metadata"] = merge_metadata(facts.get("metadata", {}), values["metadata"])
    if show("refund", facts) != before:
        turn.save("refund", facts)
        turn.record("refund.updated", facts)
        turn.emit("refund.updated", "refund", facts, before)
    return show("refund", facts)


@route("POST", "/refunds/<id>/cancel")
def cancel(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = _waiting_for_customer(turn, id, "canceled")
    move(turn, facts, "canceled", failure_reason="merchant_request")
    return show("refund", facts)


@route("POST", "/test_helpers/refunds/<id>/expire")
def expire(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = _waiting_for_customer(turn, id, "expired")
    move(turn, facts, "failed", failure_reason="unknown")
    return show("refund", facts)


def _waiting_for_customer(turn: Turn, id: str, done: str) -> Facts:
    facts = turn.need("refund", id)
    if facts["status"] != "requires_action":
        raise ApiError(
            f"Refund {id} has a status of {facts['status']}; only a refund with the status requires_action "
            f"can be {done}."
        )
    return facts


def move(turn: Turn, facts: Facts, status: str, **details: str | None) -> None:
    """Bring a refund to another status, as a bank does; the charge's balance follows.

    `details`: failure_reason, pending_reason, reference. No-op when nothing would change. Raises
    ApiError when the money of a failed refund is no longer there to be given back.
    """
    before = show("refund", facts)
    was_given_back = facts["status"] not in ("failed", "canceled")
    is_given_back = status not in ("failed", "canceled")
    facts["status"] = status
    facts.update({name: value for name, value in details.items() if value is not None})
    if not is_given_back:
        facts.setdefault("failure_reason", "unknown")
        if not facts.get("failure_balance_transaction"):
            facts["failure_balance_transaction"] = new_id("txn")
    if show("refund", facts) == before:
        return
    if was_given_back != is_given_back:
        _money_moves(turn, facts, is_given_back)
        charge = turn.need("charge", facts["charge"])
        if is_given_back:
            _amount(turn, charge, {"amount": facts["amount"]})
        _move_balance(turn, charge, facts["amount"] * (1 if is_given_back else -1), "charge.updated")
    turn.save("refund", facts)
    if before["status"] != status:
        turn.record(f"refund.{status}", facts)
    turn.emit("refund.updated", "refund", facts, before)
    if status == "failed" and before["status"] != "failed":
        turn.emit("refund.failed", "refund", facts)
    if status == "succeeded" and not facts.get("reference"):
        turn.later(REFERENCE_AFTER, "stripe refund reference", facts["id"])


def _money_moves(turn: Turn, facts: Facts, is_given_back: bool) -> None:
    """A refund that failed comes back to our balance; one that is made after all leaves it again."""
    if is_given_back:
        facts["balance_transaction"] = new_id("txn")
        facts["failure_balance_transaction"] = None
        balance.refunded(turn, facts)
    else:
        balance.refund_failed(turn, facts)


def settles(turn: Turn, id: str) -> None:
    facts = turn.need("refund", id)
    if facts["status"] == "pending":
        move(turn, facts, "succeeded")


def fails(turn: Turn, id: str) -> None:
    facts = turn.need("refund", id)
    if facts["status"] == "succeeded":
        move(turn, facts, "failed", failure_reason="expired_or_canceled_card")


def gets_reference(turn: Turn, id: str) -> None:
    facts = turn.need("refund", id)
    if facts["status"] == "succeeded" and not facts.get("reference"):
        reference = "7" + "".join(secrets.choice("0123456789") for _ in range(22))
        move(turn, facts, "succeeded", reference=reference)
