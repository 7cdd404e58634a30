"""Customers: create, retrieve, update, delete, list."""

from __future__ import annotations

from typing import Any

from . import balance_transactions
from ._ends import end_it
from ._errors import no_such
from ._form import (
    ADDRESS,
    SHIPPING,
    Schema,
    boolean,
    hash_of,
    integer,
    list_of,
    merge_metadata,
    metadata,
    one_of,
    text,
)
from ._routes import LIST, route
from ._subscription import OVER
from ._turn import Facts, Turn, new_id, page, shape_of, show
from .payment_methods import attach_to

WORDS = ("business_name", "description", "email", "individual_name", "name", "phone")
DEFAULT_METHOD = "invoice_settings[default_payment_method]"
TAKES: Schema = {
    **{word: text(longest=512 if word == "email" else 5000, clears=True) for word in WORDS},
    "address": hash_of(ADDRESS, clears=True),
    "balance": integer(),
    "invoice_prefix": text(longest=12),
    "invoice_settings": hash_of({"default_payment_method": text(clears=True), "footer": text(clears=True)}),
    "metadata": metadata(),
    "next_invoice_sequence": integer(1),
    "preferred_locales": list_of(text()),
    "shipping": hash_of(SHIPPING, needs=("address", "name"), clears=True),
    "tax_exempt": one_of("none", "exempt", "reverse"),
    "validate": boolean(),
}


@shape_of("customer")
def customer(facts: Facts) -> dict[str, Any]:
    settings = facts.get("invoice_settings", {})
    return {
        "id": facts["id"],
        "object": "customer",
        "address": _address(facts.get("address")),
        "balance": facts.get("balance", 0),
        "business_name": facts.get("business_name"),
        "created": facts["created"],
        "currency": facts.get("currency"),
        "customer_account": None,
        "default_source": None,
        "delinquent": facts.get("delinquent", False),
        "description": facts.get("description"),
        "discount": None,
        "email": facts.get("email"),
        "individual_name": facts.get("individual_name"),
        "invoice_prefix": facts.get("invoice_prefix", facts["id"][-8:].upper()),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": settings.get("default_payment_method"),
            "footer": settings.get("footer"),
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": facts.get("metadata", {}),
        "name": facts.get("name"),
        "next_invoice_sequence": facts.get("next_invoice_sequence", 1),
        "phone": facts.get("phone"),
        "preferred_locales": facts.get("preferred_locales", []),
        "shipping": _shipping(facts.get("shipping")),
        "tax_exempt": facts.get("tax_exempt", "none"),
        "test_clock": None,
    }


@shape_of("deleted_customer")
def deleted_customer(facts: Facts) -> dict[str, Any]:
    return {"id": facts["id"], "object": "customer", "deleted": True}


def _address(given: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if given is None else {field: given.get(field) for field in ADDRESS}


def _shipping(given: dict[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    return {"address": _address(given.get("address")), "name": given.get("name"), "phone": given.get("phone")}


@route("POST", "/customers", {**TAKES, "payment_method": text()})
def create(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    facts: Facts = {"id": new_id("cus", 14), "created": turn.created}
    if "payment_method" in values:
        attach_to(turn, values.pop("payment_method"), facts, "payment_method")
    balance = values.pop("balance", 0)
    _apply(turn, facts, values)
    if balance:
        balance_transactions.enter(turn, facts, balance, "usd", "initial")
    turn.add("customer", facts)
    turn.record("customer", facts)
    turn.emit("customer.created", "customer", facts)
    return show("customer", facts)


@route("GET", "/customers/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    gone = turn.find("deleted_customer", id)
    return show("deleted_customer", gone) if gone else show("customer", turn.need("customer", id))


@route("POST", "/customers/<id>", TAKES)
def update(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("customer", id)
    before = show("customer", facts)
    moved = values.pop("balance", before["balance"]) - before["balance"]
    _apply(turn, facts, values)
    if moved:
        balance_transactions.enter(turn, facts, moved, facts.get("currency") or "usd", "adjustment")
    if show("customer", facts) != before:
        turn.save("customer", facts)
        turn.record("customer.updated", facts)
        turn.emit("customer.updated", "customer", facts, before)
    return show("customer", facts)


@route("DELETE", "/customers/<id>")
def delete(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("customer", id)
    for subscription in list(turn.all("subscription", customer=id)):
        if subscription["status"] not in OVER:
            end_it(turn, subscription, reason="cancellation_requested")
    for method in turn.all("payment_method", customer=id):
        turn.save("payment_method", {**method, "customer": None})
    turn.save("customer", facts, as_kind="deleted_customer")
    turn.record("customer.deleted", facts)
    turn.emit("customer.deleted", "customer", facts)
    return show("deleted_customer", facts)


@route("GET", "/customers", {**LIST, "email": text(512)})
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    return page(turn, "customer", values, "/v1/customers", where={"email": values.get("email")})


def _apply(turn: Turn, facts: Facts, values: dict[str, Any]) -> None:
    values = {name: value for name, value in values.items() if name not in ("expand", "validate")}
    if "metadata" in values:
        values["metadata"] = merge_metadata(facts.get("metadata", {}), values["metadata"])
    for merged in ("address", "invoice_settings"):
        if values.get(merged) is not None:
            values[merged] = {**(facts.get(merged) or {}), **values[merged]}
    method = (values.get("invoice_settings") or {}).get("default_payment_method")
    if method is not None:
        owner = turn.need("payment_method", method, DEFAULT_METHOD).get("customer")
        if owner != facts["id"]:
            raise no_such("payment_method", method, DEFAULT_METHOD)
    facts.update(values)
