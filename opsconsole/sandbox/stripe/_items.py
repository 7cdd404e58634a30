"""The items of a subscription: which prices it bills and how many, and what cannot stand side by side."""

from __future__ import annotations

import copy
from typing import Any

from . import coupons, prices
from ._errors import ApiError, Malformed
from ._form import Schema, boolean, hash_of, integer, list_of, merge_metadata, metadata, text
from ._periods import in_months
from ._subscription import MOST_ITEMS
from ._turn import Facts, Turn, new_id

NEW: Schema = {
    "discounts": coupons.discounts(),
    "metadata": metadata(),
    "price": text(),
    "price_data": hash_of(prices.INLINE_RECURRING, needs=("currency", "product", "recurring")),
    "quantity": integer(0),
}
CHANGED: Schema = {**NEW, "id": text(), "deleted": boolean()}


def of(item: Schema) -> Any:
    return list_of(hash_of(item), most=MOST_ITEMS)


def after(turn: Turn, facts: Facts, given: list[dict[str, Any]]) -> list[Facts]:
    """The items as `given` changes them: with an id that one, without one more. Not in a period yet if new.

    Raises ApiError for what Stripe refuses: the same price twice, none left, too many, currencies or intervals that
    do not go together.
    """
    items = copy.deepcopy(facts["items"])
    for number, change in enumerate(given):
        param = f"items[{number}]"
        if "id" not in change:
            if change.get("deleted"):
                raise Malformed("You must pass an id to delete an item.", param=f"{param}[id]")
            items.append(_new(turn, facts, change, param))
            continue
        item = next((one for one in items if one["id"] == change["id"]), None)
        if item is None:
            raise ApiError(
                f"Invalid subscription item: '{change['id']}' is not an item of subscription {facts['id']}.",
                code="resource_missing",
                param=f"{param}[id]",
            )
        if change.get("deleted"):
            items.remove(item)
        else:
            _changed(turn, facts, item, change, param)
    check(facts, items)
    return items


def _new(turn: Turn, facts: Facts, given: dict[str, Any], param: str) -> Facts:
    price = _price(turn, given, param)
    if price is None:
        raise Malformed(
            f"Missing required param: {param}[price].", code="parameter_missing", param=f"{param}[price]"
        )
    item: Facts = {
        "id": new_id("si", 14),
        "created": turn.created,
        "price": price,
        "quantity": given.get("quantity", 1),
        "metadata": merge_metadata({}, given.get("metadata") or {}),
        "billed": None,
    }
    _discount(turn, facts, item, given)
    return item


def _changed(turn: Turn, facts: Facts, item: Facts, given: dict[str, Any], param: str) -> None:
    price = _price(turn, given, param, had=item["price"]["id"])
    if price is not None and price["id"] != item["price"]["id"]:
        item["price"] = price
        item["quantity"] = 1  # unless said otherwise: the new price may count in other units
    item["quantity"] = given.get("quantity", item["quantity"])
    if "metadata" in given:
        item["metadata"] = merge_metadata(item.get("metadata", {}), given["metadata"])
    _discount(turn, facts, item, given)


def _price(turn: Turn, given: dict[str, Any], param: str, had: str | None = None) -> Facts | None:
    if "price" in given and "price_data" in given:
        raise Malformed(
            "You may only specify one of these parameters: price, price_data.", param=f"{param}[price]"
        )
    if "price_data" in given:
        return prices.inline(turn, given["price_data"])
    return prices.recurring(turn, given["price"], f"{param}[price]", had) if "price" in given else None


def _discount(turn: Turn, facts: Facts, item: Facts, given: dict[str, Any]) -> None:
    if "discounts" in given:
        item["discounts"] = coupons.redeem(
            turn,
            given["discounts"] or [],
            customer=facts["customer"],
            currency=item["price"]["currency"],
            subscription=facts["id"],
            subscription_item=item["id"],
        )


def check(facts: Facts, items: list[Facts]) -> None:
    """Raises ApiError for items that cannot be billed by one subscription."""
    if not items:
        raise ApiError(
            "A subscription must have at least one active plan. All subscription items would be deleted.",
            param="items",
        )
    if len(items) > MOST_ITEMS:
        raise ApiError(f"A subscription can have at most {MOST_ITEMS} items.", param="items")
    ids = [item["price"]["id"] for item in items]
    if twice := next((id for id in ids if ids.count(id) > 1), None):
        raise ApiError(
            f"Cannot add multiple subscription items with the same plan: {twice}.",
            code="resource_already_exists",
            param="items",
        )
    currency = facts.get("currency") or items[0]["price"]["currency"]
    if other := next((item["price"] for item in items if item["price"]["currency"] != currency), None):
        raise ApiError(
            f"The price specified supports currency {other['currency']}, which doesn't match the expected "
            f"currency: {currency}.",
            param="items",
        )
    _check_intervals(facts, items)


def _check_intervals(facts: Facts, items: list[Facts]) -> None:
    lengths = sorted({in_months(item["price"]["recurring"]) for item in items}, key=lambda each: each[1])
    if len(lengths) == 1:
        return
    if facts["billing_mode"]["type"] == "classic":
        raise ApiError(
            "Currency and interval fields must match across all plans on this subscription. Found mismatch in "
            "interval field.",
            param="items",
        )
    units = {unit for unit, _ in lengths}
    if len(units) > 1 or any(count % lengths[0][1] for _, count in lengths):
        raise ApiError(
            "The intervals of all items must be multiples of the shortest interval on the subscription.",
            param="items",
        )
