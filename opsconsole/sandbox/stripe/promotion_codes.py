"""Promotion codes: words that customers type in, each for a coupon. Create, retrieve, update, list.

Who may use one and until when is fixed; whether it is used at all can change.
"""

from __future__ import annotations

from typing import Any

from ._errors import ApiError, Malformed
from ._form import Schema, boolean, hash_of, integer, merge_metadata, metadata, one_of, text
from ._routes import LIST, route
from ._turn import Facts, Turn, new_id, page, shape_of, show

KIND = "promotion_code"
CREATE: Schema = {
    "active": boolean(),
    "code": text(500),
    "customer": text(),
    "expires_at": integer(0),
    "max_redemptions": integer(1),
    "metadata": metadata(),
    "promotion": hash_of({"coupon": text(), "type": one_of("coupon")}, needs=("type", "coupon")),
    "restrictions": hash_of({"first_time_transaction": boolean()}),
}


@shape_of(KIND)
def promotion_code(facts: Facts) -> dict[str, Any]:
    return {
        "id": facts["id"],
        "object": KIND,
        "active": facts.get("active", True) and not used_up(facts),
        "code": facts["code"],
        "created": facts["created"],
        "customer": facts.get("customer"),
        "customer_account": None,
        "expires_at": facts.get("expires_at"),
        "livemode": False,
        "max_redemptions": facts.get("max_redemptions"),
        "metadata": facts.get("metadata", {}),
        "promotion": {"coupon": facts["coupon"], "type": "coupon"},
        "restrictions": {
            "first_time_transaction": facts.get("first_time_transaction", False),
            "minimum_amount": None,
            "minimum_amount_currency": None,
        },
        "times_redeemed": facts.get("times_redeemed", 0),
    }


def used_up(facts: Facts) -> bool:
    return bool(facts.get("max_redemptions") and facts.get("times_redeemed", 0) >= facts["max_redemptions"])


@route("POST", "/promotion_codes", CREATE, needs=("promotion",))
def create(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    coupon = turn.need("coupon", values["promotion"]["coupon"], "promotion[coupon]")
    if "customer" in values:
        turn.need("customer", values["customer"], "customer")
    if values.get("expires_at", turn.created + 1) <= turn.created:
        raise ApiError("expires_at must be in the future.", param="expires_at")
    code = values.get("code") or new_id("", 8)[1:].upper()
    if any(one["active"] for one in _by_code(turn, code)):
        raise Malformed(
            "An active promotion code with `code: "
            f"{code}` already exists.", code="resource_already_exists", param="code"
        )  # fmt: skip
    facts: Facts = {
        "id": new_id("promo"),
        "created": turn.created,
        "code": code,
        "coupon": coupon["id"],
        **{
            name: values[name]
            for name in ("active", "customer", "expires_at", "max_redemptions")
            if name in values
        },
        **values.get("restrictions", {}),
        "metadata": merge_metadata({}, values.get("metadata") or {}),
    }
    turn.add(KIND, facts)
    turn.record(KIND, facts)
    turn.emit("promotion_code.created", KIND, facts)
    return show(KIND, facts)


def _by_code(turn: Turn, code: str) -> list[dict[str, Any]]:
    """Upper and lower case are the same."""
    also = ("lower(facts ->> 'code') = ?", (code.lower(),))
    return list(page(turn, KIND, {"limit": 100}, "", also=also)["data"])


@route("GET", "/promotion_codes/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    return show(KIND, turn.need(KIND, id))


@route("POST", "/promotion_codes/<id>", {"active": boolean(), "metadata": metadata()})
def update(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need(KIND, id)
    before = show(KIND, facts)
    if values.get("active") and (used_up(facts) or turn.now >= facts.get("expires_at", turn.now + 1)):
        raise ApiError("This promotion code is used up or expired and cannot be activated.", param="active")
    if "active" in values:
        facts["active"] = values["active"]
    if "metadata" in values:
        facts["metadata"] = merge_metadata(facts.get("metadata", {}), values["metadata"])
    if show(KIND, facts) != before:
        turn.save(KIND, facts)
        turn.record("promotion_code.updated", facts)
        turn.emit("promotion_code.updated", KIND, facts, before)
    return show(KIND, facts)


@route(
    "GET",
    "/promotion_codes",
    {**LIST, "active": boolean(), "code": text(), "coupon": text(), "customer": text()},
)
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    conditions, arguments = ["1"], list[Any]()
    if "active" in values:
        conditions.append("coalesce(facts ->> 'active', 1) = ?")
        arguments.append(int(values["active"]))
    if "code" in values:
        conditions.append("lower(facts ->> 'code') = ?")
        arguments.append(values["code"].lower())
    if "coupon" in values:
        conditions.append("facts ->> 'coupon' = ?")
        arguments.append(values["coupon"])
    condition = " AND ".join(conditions), tuple(arguments)
    where = {"customer": values.get("customer")}
    return page(turn, KIND, values, "/v1/promotion_codes", where=where, also=condition)


def spend(turn: Turn, id: str, customer: str | None, param: str) -> str:
    """The coupon behind a code, which is used once more. Raises ApiError for who may not use it."""
    facts = turn.need(KIND, id, param)
    if not show(KIND, facts)["active"] or turn.now >= facts.get("expires_at", turn.now + 1):
        raise ApiError(
            "This promotion code has expired or is not active.", code="coupon_expired", param=param
        )
    if facts.get("customer") not in (None, customer):
        raise ApiError("This promotion code cannot be redeemed by this customer.", param=param)
    if facts.get("first_time_transaction") and _has_paid(turn, customer):
        raise ApiError(
            "This promotion code cannot be redeemed because the associated customer has prior transactions.",
            param=param,
        )
    facts["times_redeemed"] = facts.get("times_redeemed", 0) + 1
    turn.save(KIND, facts)
    return str(facts["coupon"])


def _has_paid(turn: Turn, customer: str | None) -> bool:
    charges = turn.all("charge", customer=customer) if customer else ()
    return any(charge["status"] == "succeeded" for charge in charges)
