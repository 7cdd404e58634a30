"""Addresses: kept as told, checked when asked. What a street is called decides: "Nowhere" is found by nobody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ._turn import Refusal, Turn, iso, new_id

FIELDS = {"street1", "street2", "city", "state", "zip", "country", "name", "company", "phone", "email"}
ZIP = re.compile(r"\d{5}(-\d{4})?")
#: How the post shortens what people write out.
SHORT = {"street": "ST", "avenue": "AVE", "road": "RD", "lane": "LN", "drive": "DR", "apartment": "APT"}


def create(turn: Turn, given: Mapping[str, Any]) -> dict[str, Any]:
    """POST /v2/addresses. With `verify` it says whether mail gets there, and writes it as the post does."""
    told = given.get("address")
    if not isinstance(told, dict) or set(given) - {"address", "verify"}:
        raise Refusal(422, "PARAMETER.REQUIRED", "Missing required parameter.", field="address")
    if strange := sorted(set(told) - FIELDS):
        raise Refusal(422, "PARAMETER.INVALID", "Unknown parameter.", field=strange[0])
    if any(not isinstance(value, str | None) for value in told.values()):
        raise Refusal(422, "PARAMETER.INVALID", "An address is made of texts.", field="address")
    verifications = {}
    if given.get("verify") is True:
        verifications = {"delivery": _checked(told)}
        if verifications["delivery"]["success"]:
            told = _as_the_post_writes(told)
    return {
        "id": new_id("adr"), "object": "Address", "mode": "test", "created_at": iso(turn.now),
        "updated_at": iso(turn.now), **{name: told.get(name) for name in sorted(FIELDS)},
        "verifications": verifications,
    }  # fmt: skip


def _checked(told: Mapping[str, Any]) -> dict[str, Any]:
    street, zip = told.get("street1") or "", told.get("zip") or ""
    errors = []
    if not street.strip() or "nowhere" in street.lower():
        errors.append(_error("E.ADDRESS.NOT_FOUND", "address", "Address not found"))
    elif not street.strip()[0].isdigit() and "box" not in street.lower():
        errors.append(_error("E.HOUSE_NUMBER.MISSING", "street1", "House number is missing"))
    if not ZIP.fullmatch(zip):
        errors.append(_error("E.ZIP.INVALID", "zip", "ZIP code is not valid"))
    return {"success": not errors, "errors": errors, "details": {}}


def _error(code: str, field: str, message: str) -> dict[str, Any]:
    return {"code": code, "field": field, "message": message, "suggestion": None}


def _as_the_post_writes(told: Mapping[str, Any]) -> dict[str, Any]:
    def written(text: str | None) -> str | None:
        return " ".join(SHORT.get(word.lower(), word.upper()) for word in text.split()) if text else text

    return {**told, **{name: written(told.get(name)) for name in ("street1", "street2", "city", "state")}}
