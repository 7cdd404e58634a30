"""The customer balance: what we owe a customer (negative) or they us, and the ledger of how it came to be.

The next invoice that is finalised takes it in. Entries are never changed, only taken back by others
(https://docs.stripe.com/billing/customer/balance).
"""

from __future__ import annotations

from typing import Any

from ._errors import ApiError, Malformed
from ._form import Schema, integer, merge_metadata, metadata, text
from ._money import CURRENCIES
from ._routes import LIST, route
from ._turn import Facts, Turn, new_id, page, shape_of, show

KIND = "customer_balance_transaction"


@shape_of(KIND)
def customer_balance_transaction(facts: Facts) -> dict[str, Any]:
    return {
        "id": facts["id"],
        "object": KIND,
        "amount": facts["amount"],
        "checkout_session": None,
        "created": facts["created"],
        "credit_note": facts.get("credit_note"),
        "currency": facts["currency"],
        "customer": facts["customer"],
        "customer_account": None,
        "description": facts.get("description"),
        "ending_balance": facts["ending_balance"],
        "invoice": facts.get("invoice"),
        "livemode": False,
        "metadata": facts.get("metadata", {}),
        "type": facts["type"],
    }


def balance_in(customer: Facts, currency: str) -> int:
    """What an invoice in that currency can take in: a customer's balance is in one."""
    return int(customer.get("balance", 0)) if customer.get("currency") in (None, currency) else 0


def move(turn: Turn, customer: str, amount: int, currency: str, type: str, **more: Any) -> Facts:
    """One entry, the balance after it, and word of it. `more`: invoice, credit_note, description, metadata."""
    holder = turn.need("customer", customer)
    before = show("customer", holder)
    facts = enter(turn, holder, amount, currency, type, **more)
    turn.save("customer", holder)
    turn.emit("customer.updated", "customer", holder, before)
    return facts


def enter(turn: Turn, holder: Facts, amount: int, currency: str, type: str, **more: Any) -> Facts:
    """One entry in the ledger, and the balance of `holder` after it: to be saved by who asks."""
    holder.update(balance=holder.get("balance", 0) + amount, currency=currency)
    facts: Facts = {
        "id": new_id("cbtxn"),
        "created": turn.created,
        "customer": holder["id"],
        "amount": amount,
        "currency": currency,
        "type": type,
        "ending_balance": holder["balance"],
        **more,
    }
    turn.add(KIND, facts)
    turn.record("customer_balance", facts)
    return facts


CREATE: Schema = {
    "amount": integer(),
    "currency": text(3),
    "description": text(350),
    "metadata": metadata(),
}


@route("POST", "/customers/<customer>/balance_transactions", CREATE, needs=("amount", "currency"))
def create(turn: Turn, values: dict[str, Any], customer: str) -> dict[str, Any]:
    currency, holder = values["currency"].lower(), turn.need("customer", customer)
    if currency not in CURRENCIES:
        raise Malformed(f"Invalid currency: {values['currency']}.", param="currency")
    if holder.get("currency") not in (None, currency):
        raise ApiError(
            f"The currency of the customer's balance is {holder['currency']}, not {currency}.",
            param="currency",
        )
    more = {
        "description": values.get("description"),
        "metadata": merge_metadata({}, values.get("metadata", {})),
    }
    return show(KIND, move(turn, customer, values["amount"], currency, "adjustment", **more))


def _of(turn: Turn, customer: str, id: str) -> Facts:
    turn.need("customer", customer)
    facts = turn.need(KIND, id)
    return facts if facts["customer"] == customer else turn.need(KIND, "")


@route("GET", "/customers/<customer>/balance_transactions/<id>")
def retrieve(turn: Turn, values: dict[str, Any], customer: str, id: str) -> dict[str, Any]:
    return show(KIND, _of(turn, customer, id))


@route(
    "POST",
    "/customers/<customer>/balance_transactions/<id>",
    {"description": text(350, clears=True), "metadata": metadata()},
)
def update(turn: Turn, values: dict[str, Any], customer: str, id: str) -> dict[str, Any]:
    facts = _of(turn, customer, id)
    if "description" in values:
        facts["description"] = values["description"]
    if "metadata" in values:
        facts["metadata"] = merge_metadata(facts.get("metadata", {}), values["metadata"])
    turn.save(KIND, facts)
    return show(KIND, facts)


@route("GET", "/customers/<customer>/balance_transactions", {**LIST, "invoice": text()})
def find(turn: Turn, values: dict[str, Any], customer: str) -> dict[str, Any]:
    turn.need("customer", customer)
    where = {"customer": customer, "invoice": values.get("invoice")}
    return page(turn, KIND, values, f"/v1/customers/{customer}/balance_transactions", where=where)
