"""Payouts: what is available goes to our bank, every midnight, and arrives a day later.

A bank may send one back days after it was paid: then the money stands in the balance again.
"""

from __future__ import annotations

from typing import Any

from . import balance
from ._form import Schema, merge_metadata, metadata, text, time_range
from ._routes import LIST, route
from ._turn import Facts, Turn, new_id, page, shape_of, show

KIND = "payout"
ARRIVES, ARRIVES_AFTER = "stripe payout arrives", 86400
STATUSES = ("pending", "in_transit", "paid", "failed", "canceled")
#: Why a bank sends money back: https://docs.stripe.com/api/payouts/failures
FAILURES = {
    "account_closed": "The bank account has been closed.",
    "account_frozen": "The bank account has been frozen.",
    "bank_account_restricted": "The bank account has restrictions on either the type, or the number, of payouts allowed.",
    "could_not_process": "The bank could not process this payout.",
    "declined": "The bank has declined this transfer. Please contact the bank before retrying.",
    "insufficient_funds": "Your Stripe account has insufficient funds to cover the payout.",
    "invalid_account_number": "The routing number seems correct, but the account number is invalid.",
    "no_account": "The bank account details on file are probably incorrect. No bank account could be located with them.",
}


@shape_of(KIND)
def payout(facts: Facts) -> dict[str, Any]:
    status, trace = facts["status"], facts.get("trace")
    return {
        "id": facts["id"],
        "object": KIND,
        "amount": facts["amount"],
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": facts["arrival_date"],
        "automatic": True,
        "balance_transaction": facts["balance_transaction"],
        "created": facts["created"],
        "currency": facts["currency"],
        "description": "STRIPE PAYOUT",
        "destination": "ba_sandbox",
        "failure_balance_transaction": facts.get("failure_balance_transaction"),
        "failure_code": facts.get("failure_code"),
        "failure_message": FAILURES.get(facts.get("failure_code", "")),
        "livemode": False,
        "metadata": facts.get("metadata", {}),
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "completed" if facts.get("reconciled") else "in_progress",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": status,
        "trace_id": {"status": "supported" if trace else "pending", "value": trace},
        "type": "bank_account",
    }


def of_the_day(turn: Turn, _: str) -> None:
    pay_out(turn)


def of_the_day_quietly(turn: Turn, _: str) -> None:
    """Of what was loaded: it was told long ago, if anybody was told."""
    pay_out(turn, quiet=True)


def pay_out(turn: Turn, quiet: bool = False) -> None:
    """All that is available of each currency, fees and refunds taken off; what we owe waits for the next."""
    for currency, amount in balance.due(turn).items():
        id = new_id("po") if amount > 0 else None
        balance.take_out(turn, currency, id)
        if id:
            _send(turn, id, amount, currency, quiet)


def _send(turn: Turn, id: str, amount: int, currency: str, quiet: bool) -> None:
    facts: Facts = {
        "id": id,
        "created": turn.created,
        "amount": amount,
        "currency": currency,
        "arrival_date": turn.created + ARRIVES_AFTER,
        "balance_transaction": new_id("txn"),
        "status": "in_transit",
        "quiet": quiet,
    }
    entry = balance.post(
        turn, facts["balance_transaction"], -amount, facts, "payout", description="STRIPE PAYOUT"
    )
    turn.save(balance.KIND, entry | {"payout": id})
    turn.add(KIND, facts)
    turn.later(ARRIVES_AFTER, ARRIVES, id)
    _tell(turn, "payout.created", facts)


def _tell(turn: Turn, type: str, facts: Facts, before: dict[str, Any] | None = None) -> None:
    if not facts["quiet"]:
        turn.record(type, facts)
        turn.emit(type, KIND, facts, before)


def arrives(turn: Turn, id: str) -> None:
    """And all that it consists of can be looked up."""
    facts = turn.need(KIND, id)
    if facts["status"] != "in_transit":
        return
    before = show(KIND, facts)
    facts.update(status="paid", reconciled=True, trace=f"{facts['created']:016}")
    turn.save(KIND, facts)
    _tell(turn, "payout.updated", facts, before)
    _tell(turn, "payout.paid", facts)
    _tell(turn, "payout.reconciliation_completed", facts)


def fail(turn: Turn, facts: Facts, code: str) -> None:
    """The bank sends it back. Raises ValueError when it cannot be."""
    if code not in FAILURES:
        raise ValueError(f"code must be one of {', '.join(FAILURES)}")
    if facts["status"] not in ("in_transit", "paid"):
        raise ValueError(f"Payout {facts['id']} is already {facts['status']}.")
    before = show(KIND, facts)
    facts.update(status="failed", failure_code=code, failure_balance_transaction=new_id("txn"), quiet=False)
    turn.save(KIND, facts)
    balance.post(turn, facts["failure_balance_transaction"], facts["amount"], facts, "payout_failure")
    _tell(turn, "payout.updated", facts, before)
    _tell(turn, "payout.failed", facts)


@route("GET", "/payouts/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    return show(KIND, turn.need(KIND, id))


TAKES: Schema = {**LIST, "arrival_date": time_range(), "destination": text(), "status": text()}


@route("GET", "/payouts", TAKES)
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    conditions, arguments = ["1"], list[Any]()
    for bound, sign in (("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<=")):
        if bound in values.get("arrival_date", {}):
            conditions.append(f"facts ->> 'arrival_date' {sign} ?")
            arguments.append(values["arrival_date"][bound])
    if "status" in values:
        conditions.append("facts ->> 'status' = ?")
        arguments.append(values["status"])
    if values.get("destination", "ba_sandbox") != "ba_sandbox":
        conditions.append("0")
    return page(turn, KIND, values, "/v1/payouts", also=(" AND ".join(conditions), tuple(arguments)))


@route("POST", "/payouts/<id>", {"metadata": metadata()})
def update(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need(KIND, id)
    before = show(KIND, facts)
    if "metadata" in values:
        facts["metadata"] = merge_metadata(facts.get("metadata", {}), values["metadata"])
    if show(KIND, facts) != before:
        turn.save(KIND, facts)
        _tell(turn, "payout.updated", facts, before)
    return show(KIND, facts)
