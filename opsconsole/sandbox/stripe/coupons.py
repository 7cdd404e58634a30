"""Coupons and the discounts they become on a customer, a subscription, an item or an invoice.

A coupon's terms never change. A discount remembers who has it and until when, and lessens invoices made meanwhile:
items first, then the whole (https://docs.stripe.com/billing/subscriptions/coupons).
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from . import promotion_codes
from ._errors import ApiError, Malformed, no_such
from ._form import Raw, Reader, Schema, hash_of, integer, list_of, merge_metadata, metadata, one_of, text
from ._money import CURRENCIES
from ._periods import after
from ._proration import share
from ._routes import LIST, route
from ._turn import Facts, Turn, new_id, page, shape_of, show


def percent() -> Reader:
    """Above 0, at most 100, two decimal places."""

    def read(name: str, raw: Raw) -> float:
        try:
            number = Decimal(raw if isinstance(raw, str) and len(raw) < 10 else "")
        except ArithmeticError:
            raise Malformed(f"Invalid float: {str(raw)[:100]}", param=name) from None
        if not number.is_finite() or not 0 < number <= 100 or number != round(number, 2):
            raise Malformed("Must be a percentage above 0 and at most 100, with two decimals.", param=name)
        return float(number)

    return read


CREATE: Schema = {
    "amount_off": integer(1),
    "applies_to": hash_of({"products": list_of(text())}),
    "currency": text(3),
    "duration": one_of("forever", "once", "repeating"),
    "duration_in_months": integer(1),
    "id": text(),
    "max_redemptions": integer(1),
    "metadata": metadata(),
    "name": text(40),
    "percent_off": percent(),
    "redeem_by": integer(0),
}
#: `discounts` as invoices, items and subscriptions take it.
ONE: Schema = {"coupon": text(), "discount": text(), "promotion_code": text()}


def discounts() -> Reader:
    """The list of `ONE`; '' reads as None (clear), and an empty one is left out by form encoding."""
    given = list_of(hash_of(ONE), most=20)

    def read(name: str, raw: Raw) -> list[dict[str, Any]] | None:
        return None if raw == "" else given(name, raw)

    return read


@shape_of("coupon")
def coupon(facts: Facts) -> dict[str, Any]:
    return {
        "id": facts["id"],
        "object": "coupon",
        "amount_off": facts.get("amount_off"),
        "created": facts["created"],
        "currency": facts.get("currency"),
        "duration": facts["duration"],
        "duration_in_months": facts.get("duration_in_months"),
        "livemode": False,
        "max_redemptions": facts.get("max_redemptions"),
        "metadata": facts.get("metadata", {}),
        "name": facts.get("name"),
        "percent_off": facts.get("percent_off"),
        "redeem_by": facts.get("redeem_by"),
        "times_redeemed": facts.get("times_redeemed", 0),
        "valid": facts.get("valid", True)
        and facts.get("times_redeemed", 0) < facts.get("max_redemptions", 10**9),
    }


@shape_of("deleted_coupon")
def deleted_coupon(facts: Facts) -> dict[str, Any]:
    return {"id": facts["id"], "object": "coupon", "deleted": True}


@shape_of("discount")
def discount(facts: Facts) -> dict[str, Any]:
    return {
        "id": facts["id"],
        "object": "discount",
        "checkout_session": None,
        "customer": facts.get("customer"),
        "customer_account": None,
        "end": facts.get("end"),
        "invoice": facts.get("invoice"),
        "invoice_item": facts.get("invoice_item"),
        "promotion_code": facts.get("promotion_code"),
        "source": {"coupon": facts["coupon"]["id"], "type": "coupon"},
        "start": facts["created"],
        "subscription": facts.get("subscription"),
        "subscription_item": facts.get("subscription_item"),
    }


@route("POST", "/coupons", CREATE)
def create(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    values.pop("expand", None)
    facts: Facts = {"created": turn.created, "duration": "once", **values}
    facts.setdefault("id", new_id("", 8)[1:])
    if turn.find("coupon", facts["id"]):
        raise Malformed("Coupon already exists.", code="resource_already_exists", param="id")
    if ("percent_off" in values) == ("amount_off" in values):
        raise Malformed("You must pass exactly one of percent_off or amount_off.", param="percent_off")
    if "amount_off" in values:
        if values.get("currency", "").lower() not in CURRENCIES:
            raise Malformed("You must pass currency when passing amount_off", param="currency")
        facts["currency"] = values["currency"].lower()
    if (facts["duration"] == "repeating") != ("duration_in_months" in values):
        raise Malformed(
            "duration_in_months is needed with duration=repeating, and only then.", param="duration_in_months"
        )
    if values.get("redeem_by", turn.created + 1) <= turn.created:
        raise ApiError("redeem_by must be in the future.", param="redeem_by")
    facts["metadata"] = merge_metadata({}, values.get("metadata") or {})
    turn.add("coupon", facts)
    turn.record("coupon", facts)
    turn.emit("coupon.created", "coupon", facts)
    return show("coupon", facts)


@route("GET", "/coupons/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    return show("coupon", turn.need("coupon", id))


@route("POST", "/coupons/<id>", {"metadata": metadata(), "name": text(40)})
def update(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("coupon", id)
    before = show("coupon", facts)
    if "name" in values:
        facts["name"] = values["name"]
    if "metadata" in values:
        facts["metadata"] = merge_metadata(facts.get("metadata", {}), values["metadata"])
    if show("coupon", facts) != before:
        turn.save("coupon", facts)
        turn.record("coupon.updated", facts)
        turn.emit("coupon.updated", "coupon", facts, before)
    return show("coupon", facts)


@route("DELETE", "/coupons/<id>")
def delete(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    """Nobody gets it any more; who has it keeps it."""
    facts = turn.need("coupon", id)
    turn.save("coupon", facts, as_kind="deleted_coupon")
    turn.record("coupon.deleted", facts)
    turn.emit("coupon.deleted", "coupon", facts)
    return show("deleted_coupon", facts)


@route("GET", "/coupons", LIST)
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    return page(turn, "coupon", values, "/v1/coupons")


def redeem(
    turn: Turn,
    given: list[dict[str, Any]],
    *,
    customer: str | None,
    currency: str | None = None,
    **on: str | None,
) -> list[str]:
    """The ids of the discounts that `given` asks for, new ones made. `on`: subscription, invoice, invoice_item ...

    Raises ApiError for a coupon that nobody gets any more, and for money off in another currency.
    """
    ids = [_one(turn, one, number, customer, currency, on) for number, one in enumerate(given)]
    if len(set(ids)) < len(ids):
        raise ApiError("The same discount cannot be applied twice.", param="discounts")
    return ids


def _one(
    turn: Turn,
    one: dict[str, Any],
    number: int,
    customer: str | None,
    currency: str | None,
    on: dict[str, str | None],
) -> str:
    if len(one) != 1:
        raise Malformed("Pass one of coupon, discount or promotion_code.", param=f"discounts[{number}]")
    if "discount" in one:
        param = f"discounts[{number}][discount]"
        owner = turn.need("discount", one["discount"], param).get("customer")
        if customer is not None and owner not in (None, customer):
            raise no_such("discount", one["discount"], param)
        return str(one["discount"])
    code = one.get("promotion_code")
    if code is not None:
        one = {"coupon": promotion_codes.spend(turn, code, customer, f"discounts[{number}][promotion_code]")}
    coupon = turn.need("coupon", one["coupon"], f"discounts[{number}][coupon]")
    if not show("coupon", coupon)["valid"] or turn.now >= coupon.get("redeem_by", turn.now + 1):
        raise ApiError(
            f"Coupon expired: {coupon['id']}", code="coupon_expired", param=f"discounts[{number}][coupon]"
        )
    if currency and coupon.get("currency") not in (None, currency):
        raise ApiError(
            f"The coupon {coupon['id']} is in {coupon['currency']}, not {currency}.",
            param=f"discounts[{number}][coupon]",
        )
    coupon["times_redeemed"] = coupon.get("times_redeemed", 0) + 1
    turn.save("coupon", coupon)
    facts: Facts = {"id": new_id("di"), "created": turn.created, "customer": customer, "coupon": coupon, **on}
    facts["promotion_code"] = code
    if coupon["duration"] == "repeating":
        months = {"interval": "month", "interval_count": coupon["duration_in_months"]}
        facts["end"] = after(turn.created, months, 1)
    turn.add("discount", facts)
    if customer:
        turn.emit("customer.discount.created", "discount", facts)
    return str(facts["id"])


def take_off(
    turn: Turn, ids: list[str], amounts: list[int], products: list[str | None]
) -> list[dict[str, int]]:
    """What each discount takes off each line, in minor units: {discount id: amount} per line.

    In the order given, each of what the ones before it left. A percentage is taken of each line; money off is
    spread over the lines, the remainder on the last of them. Nothing gets below zero.
    """
    left = list(amounts)
    off: list[dict[str, int]] = [{} for _ in amounts]
    for id in ids:
        facts = turn.find("discount", id)
        if facts is None or turn.now >= facts.get("end", turn.now + 1):
            continue
        only = (facts["coupon"].get("applies_to") or {}).get("products")
        lines = [n for n, each in enumerate(left) if each > 0 and (only is None or products[n] in only)]
        for n, amount in zip(lines, _taken(facts["coupon"], [left[n] for n in lines]), strict=True):
            left[n] -= amount
            off[n][id] = off[n].get(id, 0) + amount
    return off


def _taken(coupon: Facts, amounts: list[int]) -> list[int]:
    if "percent_off" in coupon:
        rate = Decimal(str(coupon["percent_off"])) / 100
        return [int((amount * rate).quantize(Decimal(1), ROUND_HALF_UP)) for amount in amounts]
    whole = sum(amounts)
    all_off = min(coupon["amount_off"], whole)
    parts = [share(all_off, amount, whole) for amount in amounts]
    if parts:
        parts[-1] += all_off - sum(parts)
    return parts


def used(turn: Turn, ids: list[str]) -> list[str]:
    """Of these discounts, the ones that are still there after they lessened one more invoice."""
    kept = []
    for id in ids:
        facts = turn.need("discount", id)
        over = facts["coupon"]["duration"] == "once" or turn.now >= facts.get("end", turn.now + 1)
        if not over:
            kept.append(id)
        elif facts.get("customer"):
            turn.emit("customer.discount.deleted", "discount", facts)
    return kept
