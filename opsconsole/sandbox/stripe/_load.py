"""Bulk creation of customers, payments and subscriptions for demo data: idempotent by id, no events unless asked for.

One object a line (products, prices, subscriptions: see `_load_subscriptions`; invoices: `_load_invoices`):
`{"object": "customer", "id": "cus_..", "created": unix, "card": {"brand", "last4", "exp_month", "exp_year"}, ...}`
`{"object": "payment", "id": "pi_..", "charge": "ch_..", "customer": "cus_..", "amount", "currency",
  "created", "payment_method": "pm_card_visa", "card": {"brand", "last4", "exp_month", "exp_year"},
  "metadata": {}, "refunds": [{"id", "amount", "status", "reason", ..}], "dispute": {"id", "status", ..}}`
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from . import _load_invoices, _load_subscriptions, balance, disputes, refunds
from ._errors import ApiError
from ._money import CURRENCIES
from ._turn import Facts, Turn, insert, new_id
from .customers import TAKES as CUSTOMER_FIELDS
from .payment_methods import TEST_CARDS

PAYMENT_FIELDS = {
    *("object", "id", "charge", "customer", "amount", "currency", "created", "payment_method", "card"),
    *("description", "metadata", "refunds", "dispute", "emit"),
}
Line = Mapping[str, Any]


class BadLine(ValueError):
    """A line that cannot be loaded; its message says why."""


def load_line(turn: Turn, line: Line) -> bool:
    """Store one object; false when its id is there already. Raises BadLine."""
    if not isinstance(line, Mapping) or line.get("object") not in LOADS:
        raise BadLine(f"object must be one of {', '.join(LOADS)}")
    fields, load = LOADS[line["object"]]
    if strange := set(line) - fields:
        raise BadLine(f"{line.get('id')}: unknown fields {sorted(strange)}")
    try:
        return load(turn, line)
    except BadLine:
        raise
    except (KeyError, TypeError, AttributeError) as error:
        raise BadLine(f"{line.get('id')}: missing or ill-typed: {error}") from None
    except (ValueError, ApiError) as error:
        raise BadLine(f"{line.get('id')}: {error}") from None


def _customer(turn: Turn, line: Line) -> bool:
    facts = {name: value for name, value in line.items() if name not in ("object", "card", "emit")}
    facts["created"] = int(line.get("created", turn.created))
    if line.get("card"):
        facts["invoice_settings"] = {"default_payment_method": _default_method(turn, facts, line)}
    new = insert(turn.db, "customer", facts)
    if new and line.get("emit"):
        turn.emit("customer.created", "customer", facts)
    return new


def _default_method(turn: Turn, customer: Facts, line: Line) -> str:
    """The card that the customer's invoices are charged to."""
    id = "pm_" + _derived(f"{customer['id']} default")
    method = {"id": id, "created": customer["created"], "customer": customer["id"], "card": _card(line)}
    insert(turn.db, "payment_method", method)
    return id


def _payment(turn: Turn, line: Line) -> bool:
    amount, currency, created = line["amount"], line["currency"], int(line.get("created", turn.created))
    if type(amount) is not int or amount < 1 or currency not in CURRENCIES:
        raise BadLine(
            f"{line['id']}: amount must be minor units from 1, currency one of {', '.join(CURRENCIES)}"
        )
    common: Facts = {
        "created": created,
        "amount": amount,
        "currency": currency,
        "customer": line.get("customer"),
        "description": line.get("description"),
        "metadata": dict(line.get("metadata") or {}),
        "payment_method": _method(turn, line, created),
    }
    charge: Facts = {
        **common,
        "id": line.get("charge") or "ch_" + _derived(line["id"]),
        "payment_intent": line["id"],
        "amount_captured": amount,
        "captured": True,
        "status": "succeeded",
        "card": _card(line),
        "balance_transaction": "txn_" + _derived(line["id"]),
    }
    intent: Facts = {
        **common,
        "id": line["id"],
        "status": "succeeded",
        "amount_received": amount,
        "latest_charge": charge["id"],
    }
    if not insert(turn.db, "payment_intent", intent):
        return False
    given_back = [_refund(charge, refund) for refund in line.get("refunds") or []]
    charge["amount_refunded"] = sum(
        r["amount"] for r in given_back if r["status"] not in ("failed", "canceled")
    )
    charge["disputed"] = bool(line.get("dispute"))
    if charge["amount_refunded"] > amount:
        raise BadLine(f"{line['id']}: refunds exceed the payment")
    if not insert(turn.db, "charge", charge):
        raise BadLine(f"{line['id']}: charge {charge['id']} belongs to another payment")
    balance.charged(turn, charge, at=created, quiet=True)
    for refund in given_back:
        if not insert(turn.db, "refund", refund):
            raise BadLine(f"{line['id']}: refund {refund['id']} is there already")
        if refund["status"] not in ("failed", "canceled"):
            balance.refunded(turn, refund, at=refund["created"], quiet=True)
    if line.get("dispute"):
        _dispute(turn, charge, line["dispute"])
    if line.get("emit"):
        turn.emit("charge.succeeded", "charge", charge)
        turn.emit("payment_intent.succeeded", "payment_intent", intent)
    return True


def _card(line: Line) -> Facts:
    test_card = TEST_CARDS.get(line.get("payment_method", "pm_card_visa"), TEST_CARDS["pm_card_visa"])
    return {"exp_month": 12, "exp_year": 2034, **test_card, **(line.get("card") or {})}


def _method(turn: Turn, line: Line, created: int) -> str:
    """The customer's payment method for this card: made once per customer and card."""
    given = line.get("payment_method", "pm_card_visa")
    card = _card(line)
    id = (
        given
        if given not in TEST_CARDS
        else "pm_" + _derived(f"{line.get('customer')}{given}{card['last4']}")
    )
    insert(
        turn.db,
        "payment_method",
        {"id": id, "created": created, "customer": line.get("customer"), "card": card},
    )
    return str(id)


def _refund(charge: Facts, given: Line) -> Facts:
    refund: Facts = {
        "id": given.get("id") or new_id("re"),
        "created": int(given.get("created", charge["created"])),
        "amount": given["amount"],
        "currency": charge["currency"],
        "charge": charge["id"],
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "customer": charge["customer"],
        "metadata": dict(given.get("metadata") or {}),
        "balance_transaction": new_id("txn"),
        "status": given.get("status", "succeeded"),
    }
    if refund["status"] not in refunds.STATUSES or type(refund["amount"]) is not int or refund["amount"] < 1:
        raise BadLine(f"{refund['id']}: no such refund status or amount")
    extra = ("reason", "failure_reason", "pending_reason", "reference")
    return refund | {name: given[name] for name in extra if given.get(name) is not None}


def _dispute(turn: Turn, charge: Facts, given: Line) -> None:
    facts = disputes.facts_of(charge, int(given.get("created", charge["created"])), **_chosen(given))
    if facts["status"] not in disputes.STATUSES:
        raise BadLine(f"{facts['id']}: no such dispute status")
    if facts["status"] in ("needs_response", "under_review", "lost"):
        balance.disputed(turn, facts, at=facts["created"], quiet=True)
    if not insert(turn.db, "dispute", facts):
        raise BadLine(f"{facts['id']} is there already")


def _chosen(given: Line) -> dict[str, Any]:
    return {name: given.get(name) for name in ("id", "amount", "reason", "status")}


def _derived(seed: str) -> str:
    return hashlib.sha256(seed.encode()).hexdigest()[:24]


#: What a line can be: its fields, and how it is stored.
LOADS: dict[str, tuple[set[str], Callable[[Turn, Line], bool]]] = {
    "customer": (set(CUSTOMER_FIELDS) | {"object", "id", "created", "card", "emit"}, _customer),
    "payment": (PAYMENT_FIELDS, _payment),
    "product": (_load_subscriptions.PRODUCT, _load_subscriptions.product),
    "price": (_load_subscriptions.PRICE, _load_subscriptions.price),
    "invoice": (_load_invoices.INVOICE, _load_invoices.invoice),
    "subscription": (_load_subscriptions.SUBSCRIPTION, _load_subscriptions.subscription),
}
