"""What the next invoice would be, or the one that a change would make: reckoned as the real one is, and kept nowhere.

Everything happens in a savepoint that is taken back: prices, discounts and items made on the way are gone with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from . import coupons, invoice_items, subscriptions
from ._errors import ApiError, Malformed
from ._form import ADDRESS, SHIPPING, Schema, boolean, hash_of, integer, list_of, one_of, text
from ._invoice_life import DRAFT_SECONDS, blank, goes_with, line_from, refresh, waiting
from ._invoice_lines import line_in
from ._money import CURRENCIES
from ._routes import route
from ._subscription import ROLLING, period_end
from ._turn import Facts, Turn, new_id, show
from .invoice_items import MONEY, WORDS

ITEM: Schema = {
    **{name: MONEY[name] for name in ("amount", "price_data", "quantity", "unit_amount_decimal")},
    **WORDS,
    "currency": text(3),
    "invoiceitem": text(),
    "price": text(),
    "tax_behavior": invoice_items.TAKES["tax_behavior"],
    "tax_code": text(clears=True),
    "unit_amount": integer(),
}
TAKES: Schema = {
    "automatic_tax": hash_of({"enabled": boolean()}, needs=("enabled",)),
    "currency": text(3),
    "customer": text(),
    "customer_details": hash_of(
        {
            "address": hash_of(ADDRESS, clears=True),
            "shipping": hash_of(SHIPPING, needs=("address", "name"), clears=True),
            "tax_exempt": one_of("none", "exempt", "reverse"),
        }
    ),
    "discounts": coupons.discounts(),
    "invoice_items": list_of(hash_of(ITEM), most=250),
    "preview_mode": one_of("next", "recurring"),
    "schedule": text(),
    "subscription": text(),
    "subscription_details": hash_of(subscriptions.PREVIEW_DETAILS),
}


@route("POST", "/invoices/create_preview", TAKES)
def create_preview(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    values.pop("expand", None)
    with _nothing_stays(turn):
        return show("invoice", _foreseen(turn, values))


def tell_upcoming(turn: Turn, subscription: Facts) -> None:
    """Announce the next invoice of a subscription; it has no id yet."""
    with _nothing_stays(turn):
        shown = show("invoice", _foreseen(turn, {"subscription": subscription["id"]}))
    del shown["id"]
    turn.tell(turn, "invoice.upcoming", shown, None)


@contextmanager
def _nothing_stays(turn: Turn) -> Iterator[None]:
    turn.db.execute("SAVEPOINT preview")
    try:
        yield
    finally:
        turn.db.execute("ROLLBACK TO preview")
        turn.db.execute("RELEASE preview")


def _foreseen(turn: Turn, values: dict[str, Any]) -> Facts:
    of_subscription = _subscription_of(turn, values)
    if of_subscription:
        facts = _by_subscription(turn, values)
    else:
        holder = turn.need("customer", values["customer"], "customer")
        facts = blank(holder["id"], _currency(values, holder), turn.created)
        facts["id"] = new_id("upcoming_in")
        if "discounts" in values:
            given = values["discounts"] or []
            facts["discounts"] = coupons.redeem(turn, given, customer=None, invoice=facts["id"])
    facts |= {"billing_reason": "upcoming", "auto_advance": True}
    holder = turn.need("customer", facts["customer"])
    if values.get("preview_mode") != "recurring":
        _take_in(turn, facts, holder, values)
    if not facts["lines"] and not of_subscription:
        raise ApiError(
            f"No upcoming invoices for customer: {holder['id']}", status=404, code="invoice_upcoming_none"
        )
    if "automatic_tax" in values:
        facts["automatic_tax"] = values["automatic_tax"]["enabled"]
    holder |= values.get("customer_details", {})
    refresh(replace(turn, now=facts["created"]), facts, holder)  # discounts are over when they are by then
    facts["ending_balance"] = facts["total"] + facts["starting_balance"] - facts["amount_due"]
    if facts["collection_method"] == "charge_automatically":
        facts["next_payment_attempt"] = facts["created"] + DRAFT_SECONDS
    return facts


def _subscription_of(turn: Turn, values: dict[str, Any]) -> bool:
    """Is it about a subscription? Where none is named it is the one of the customer that is billed next."""
    if {"subscription", "schedule"} & set(values) or "items" in values.get("subscription_details", {}):
        return True
    if "customer" not in values:
        raise Malformed(
            "You must specify one of customer, subscription or schedule.",
            code="parameter_missing",
            param="customer",
        )
    turn.need("customer", values["customer"], "customer")
    going = [one for one in turn.all("subscription", customer=values["customer"]) if one["status"] in ROLLING]
    if going and not values.get("invoice_items"):
        values["subscription"] = min(going, key=period_end)["id"]
    return "subscription" in values


def _by_subscription(turn: Turn, values: dict[str, Any]) -> Facts:
    if values.get("preview_mode") == "recurring":  # a change is in force, and has cost what it costs
        details = values.get("subscription_details") or {}
        values = values | {"subscription_details": details | {"proration_behavior": "none"}}
    found = subscriptions.preview(turn, values)
    of = found.subscription
    facts = blank(found.customer, found.currency, found.at) | {
        "id": new_id("upcoming_in"),
        "subscription": of.get("id") if "subscription" in values or "schedule" in values else None,
        "subscription_metadata": of.get("metadata", {}),
        "proration_date": values.get("subscription_details", {}).get("proration_date"),
        "collection_method": of.get("collection_method") or "charge_automatically",
        "default_payment_method": of.get("default_payment_method"),
        "description": of.get("description"),
        "discounts": list(found.discounts),
        "period": list(found.period),
    }
    facts["lines"] = [line_in(facts["id"], line) for line in found.lines]
    return facts


def _currency(values: dict[str, Any], holder: Facts) -> str:
    first: Facts = next(iter(values.get("invoice_items", [])), {})
    currency = str(values.get("currency") or first.get("currency") or holder.get("currency") or "usd").lower()
    if currency not in CURRENCIES:
        raise Malformed(f"Invalid currency: {currency}.", param="currency")
    return currency


def _take_in(turn: Turn, facts: Facts, holder: Facts, values: dict[str, Any]) -> None:
    """What waits for it, some of it worded anew, and what is added."""
    of = {"id": facts["subscription"]}
    items = {
        item["id"]: item for item in waiting(turn, holder["id"], facts["currency"]) if goes_with(item, of)
    }
    for number, given in enumerate(values.get("invoice_items", [])):
        within = f"invoice_items[{number}]"
        if "unit_amount" in given:
            given["unit_amount_decimal"] = str(given.pop("unit_amount"))
        if "price" in given:
            given["pricing"] = {"price": given.pop("price")}
        if "invoiceitem" in given:
            id = given.pop("invoiceitem")
            if id not in items:
                turn.need("invoiceitem", id, f"{within}[invoiceitem]")
                raise ApiError(f"Invoice item {id} is not pending here.", param=f"{within}[invoiceitem]")
            invoice_items.change(turn, items[id], given, within)
        else:
            item = invoice_items.new(turn, given, holder, facts["currency"], within)
            items[item["id"]] = item
    facts["lines"] += [line_in(facts["id"], line_from(item)) for item in items.values()]
