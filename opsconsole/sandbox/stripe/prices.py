"""Prices: what a product costs, once or again and again. Create, retrieve, update, list.

What a price costs and how often never changes; only whether it is used and what it is called. Its product stands
in the indexed column `type` too.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from ._errors import ApiError, Malformed, no_such
from ._form import (
    Raw,
    Reader,
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
from ._money import CURRENCIES, MOST
from ._periods import MOST as LONGEST
from ._routes import LIST, route
from ._turn import Facts, Turn, new_id, page, shape_of, show

INTERVALS = ("day", "week", "month", "year")
TAX_BEHAVIORS = ("exclusive", "inclusive", "unspecified")


def decimal() -> Reader:
    """Minor units with at most twelve decimal places, as text without trailing zeros."""

    def read(name: str, raw: Raw) -> str:
        try:
            number = Decimal(raw if isinstance(raw, str) and len(raw) < 40 else "")
        except InvalidOperation:
            raise Malformed(f"Invalid decimal: {str(raw)[:100]}", param=name) from None
        if not number.is_finite() or not 0 <= number <= MOST or number.normalize().as_tuple().exponent < -12:  # type: ignore[operator]
            raise Malformed("Must be a decimal of at most 12 places, at least 0.", param=name)
        return _plain(number)

    return read


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


AMOUNT: Schema = {"unit_amount": integer(0, MOST), "unit_amount_decimal": decimal()}
RECURRING: Schema = {"interval": one_of(*INTERVALS), "interval_count": integer(1)}
TAKES: Schema = {
    "active": boolean(),
    "lookup_key": text(200),
    "metadata": metadata(),
    "nickname": text(),
    "tax_behavior": one_of(*TAX_BEHAVIORS),
    "transfer_lookup_key": boolean(),
}
CREATE: Schema = {
    **TAKES,
    **AMOUNT,
    "billing_scheme": one_of("per_unit"),
    "currency": text(3),
    "product": text(),
    "product_data": hash_of(
        {
            "active": boolean(),
            "id": text(),
            "metadata": metadata(),
            "name": text(),
            "statement_descriptor": text(22),
            "unit_label": text(12),
        },
        needs=("name",),
    ),
    "recurring": hash_of({**RECURRING, "usage_type": one_of("licensed")}, needs=("interval",)),
}
#: A price made on the spot for one subscription item or, without `recurring`, for one invoice item.
INLINE: Schema = {**AMOUNT, "currency": text(3), "product": text(), "tax_behavior": one_of(*TAX_BEHAVIORS)}
INLINE_RECURRING: Schema = {**INLINE, "recurring": hash_of(RECURRING, needs=("interval",))}


@shape_of("price")
def price(facts: Facts) -> dict[str, Any]:
    recurring = facts.get("recurring")
    return {
        "id": facts["id"],
        "object": "price",
        "active": facts.get("active", True),
        "billing_scheme": "per_unit",
        "created": facts["created"],
        "currency": facts["currency"],
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": facts.get("lookup_key"),
        "metadata": facts.get("metadata", {}),
        "nickname": facts.get("nickname"),
        "product": facts["product"],
        "recurring": recurring
        and {
            "interval": recurring["interval"],
            "interval_count": recurring["interval_count"],
            "meter": None,
            "trial_period_days": None,
            "usage_type": "licensed",
        },
        "tax_behavior": facts.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if recurring else "one_time",
        "unit_amount": _whole(facts),
        "unit_amount_decimal": facts["unit_amount_decimal"],
    }


def plan(facts: Facts) -> dict[str, Any]:
    """A recurring price in the words of before prices: what `plan` still shows beside `price`."""
    return {
        "id": facts["id"],
        "object": "plan",
        "active": facts.get("active", True),
        "amount": _whole(facts),
        "amount_decimal": facts["unit_amount_decimal"],
        "billing_scheme": "per_unit",
        "created": facts["created"],
        "currency": facts["currency"],
        "interval": facts["recurring"]["interval"],
        "interval_count": facts["recurring"]["interval_count"],
        "livemode": False,
        "metadata": facts.get("metadata", {}),
        "meter": None,
        "nickname": facts.get("nickname"),
        "product": facts["product"],
        "tiers_mode": None,
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def _whole(facts: Facts) -> int | None:
    number = Decimal(facts["unit_amount_decimal"])
    return int(number) if number == number.to_integral_value() else None


@route("POST", "/prices", CREATE, needs=("currency",))
def create(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    values.pop("expand", None)
    if ("product" in values) == ("product_data" in values):
        raise Malformed("You must specify exactly one of product or product_data.", param="product")
    if "product_data" in values:
        values["product"] = _made_beside(turn, values.pop("product_data"))
    facts = made(turn, values)
    turn.record("price", facts)
    return show("price", facts)


def _made_beside(turn: Turn, given: dict[str, Any]) -> str:
    facts = {"id": new_id("prod", 14), "created": turn.created, **given}
    facts["metadata"] = merge_metadata({}, given.get("metadata") or {})
    turn.add("product", facts)
    turn.emit("product.created", "product", facts)
    return str(facts["id"])


def inline(turn: Turn, given: dict[str, Any]) -> Facts:
    """A price from `price_data`: it is no longer offered to others."""
    return made(turn, {**given, "active": False})


def made(turn: Turn, values: dict[str, Any]) -> Facts:
    """A new price. Raises Malformed when it is no price."""
    product = turn.need("product", values["product"], "product")
    if values["currency"].lower() not in CURRENCIES:
        raise Malformed(
            f"Invalid currency: {values['currency']}. Stripe currently supports these currencies: "
            f"{', '.join(CURRENCIES)}",
            param="currency",
        )
    if ("unit_amount" in values) == ("unit_amount_decimal" in values):
        raise Malformed(
            "Prices require exactly one of unit_amount or unit_amount_decimal.",
            code="parameter_missing",
            param="unit_amount",
        )
    facts: Facts = {
        "id": new_id("price"),
        "created": turn.created,
        **{
            name: value
            for name, value in values.items()
            if name not in ("unit_amount", "transfer_lookup_key")
        },
        "currency": values["currency"].lower(),
        "unit_amount_decimal": values.get("unit_amount_decimal") or str(values.get("unit_amount", 0)),
        "metadata": merge_metadata({}, values.get("metadata", {})),
        "name": product["name"],
        "type": product["id"],
    }
    if "recurring" in values:
        facts["recurring"] = _recurring(values["recurring"])
    _take_lookup_key(turn, facts, values)
    turn.add("price", facts)
    turn.emit("price.created", "price", facts)
    return facts


def _recurring(given: dict[str, Any]) -> Facts:
    interval, count = given["interval"], given.get("interval_count", 1)
    if count > LONGEST[interval]:
        raise Malformed(
            "Invalid interval_count: a price bills at least every three years.",
            param="recurring[interval_count]",
        )
    return {"interval": interval, "interval_count": count}


def _take_lookup_key(turn: Turn, facts: Facts, values: dict[str, Any]) -> None:
    """A lookup key names one price; `transfer_lookup_key` takes it from who has it."""
    if not (key := values.get("lookup_key")):
        return
    for other in _all_of(turn, "facts ->> 'lookup_key' = ? AND id <> ?", key, facts["id"]):
        if not values.get("transfer_lookup_key"):
            raise ApiError(
                f"A price (`{other['id']}`) already uses that lookup key.",
                code="resource_already_exists",
                param="lookup_key",
            )
        turn.save("price", {**other, "lookup_key": None})


def _all_of(turn: Turn, condition: str, *arguments: str) -> list[Facts]:
    rows = turn.db.execute(
        f"SELECT facts FROM stripe_objects WHERE kind = 'price' AND {condition}", arguments
    )
    return [json.loads(row["facts"]) for row in rows.fetchall()]


@route("GET", "/prices/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    return show("price", turn.need("price", id))


@route("POST", "/prices/<id>", TAKES)
def update(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("price", id)
    before = show("price", facts)
    values.pop("expand", None)
    _take_lookup_key(turn, facts, values)
    values.pop("transfer_lookup_key", None)
    tax = facts.get("tax_behavior", "unspecified")
    if tax not in ("unspecified", values.get("tax_behavior", tax)):
        raise ApiError("Tax behavior cannot be changed once it is set.", param="tax_behavior")
    if "metadata" in values:
        values["metadata"] = merge_metadata(facts.get("metadata", {}), values["metadata"])
    facts.update(values)
    if show("price", facts) != before:
        turn.save("price", facts)
        turn.record("price.updated", facts)
        turn.emit("price.updated", "price", facts, before)
        _show_on_items(turn, facts)
    return show("price", facts)


def rename(turn: Turn, product: Facts) -> None:
    """Lines are called what the product is called now."""
    for facts in list(turn.all("price", type=product["id"])):
        turn.save("price", facts | {"name": product["name"]})
        _show_on_items(turn, facts | {"name": product["name"]})


def _show_on_items(turn: Turn, price: Facts) -> None:
    """Items carry their price as it is shown: all that bill it show what it is called now."""
    rows = turn.db.execute(
        "SELECT facts FROM stripe_objects WHERE kind = 'subscription' AND facts LIKE ?",
        (f'%"{price["id"]}"%',),
    ).fetchall()
    for row in rows:
        facts = json.loads(row["facts"])
        for item in facts["items"]:
            if item["price"]["id"] == price["id"]:
                item["price"] = price
        turn.save("subscription", facts)


@route(
    "GET",
    "/prices",
    {
        **LIST,
        "active": boolean(),
        "currency": text(3),
        "lookup_keys": list_of(text(), most=10),
        "product": text(),
        "recurring": hash_of({"interval": one_of(*INTERVALS), "usage_type": one_of("licensed", "metered")}),
        "type": one_of("one_time", "recurring"),
    },
)
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    conditions, arguments = ["1"], list[Any]()

    def also(condition: str, *more: Any) -> None:
        conditions.append(condition)
        arguments.extend(more)

    if "active" in values:
        also("coalesce(facts ->> 'active', 1) = ?", int(values["active"]))
    if "currency" in values:
        also("facts ->> 'currency' = ?", values["currency"].lower())
    if "lookup_keys" in values:
        also(
            f"facts ->> 'lookup_key' IN ({', '.join('?' * len(values['lookup_keys']))})",
            *values["lookup_keys"],
        )
    if "type" in values:
        also(f"facts ->> 'recurring' IS {'NULL' if values['type'] == 'one_time' else 'NOT NULL'}")
    recurring = values.get("recurring", {})
    if "interval" in recurring:
        also("facts -> 'recurring' ->> 'interval' = ?", recurring["interval"])
    if recurring.get("usage_type") == "metered":
        also("0")
    condition = " AND ".join(conditions), tuple(arguments)
    return page(turn, "price", values, "/v1/prices", where={"type": values.get("product")}, also=condition)


def recurring(turn: Turn, id: str, param: str, had: str | None = None) -> Facts:
    """A price that a subscription can bill; an archived one only where it is billed already (`had`)."""
    facts = turn.find("price", id)
    if facts is None:
        raise no_such("price", id, param)
    if not facts.get("recurring"):
        raise ApiError(
            "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.",
            param=param,
        )
    if not facts.get("active", True) and id != had:
        raise ApiError("The price specified is inactive. This field only accepts active prices.", param=param)
    return facts
