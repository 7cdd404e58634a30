"""Reading the fields of Stripe's objects (API 2026-10-28.endive).

What the schema requires and is not there, or is of another type, is `WrongShape`; what it lets be absent may be absent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from .._asking import WrongShape as WrongShape
from .._asking import clean

_CURRENCY = re.compile(r"[a-z]{3}")


def id_of(value: Any) -> str | None:
    """The id of an expandable field: an id, the object itself, or nothing."""
    found = value.get("id") if isinstance(value, dict) else value
    return clean(found) if isinstance(found, str) and found else None


def expect(data: Any, kind: str) -> None:
    if not isinstance(data, dict) or data.get("object") != kind:
        raise WrongShape(f"not a {kind}")


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def own_id(data: Mapping[str, Any]) -> str:
    value = data.get("id")
    if not isinstance(value, str) or not 0 < len(value) <= 255 or clean(value) != value:
        raise WrongShape("id")
    return value


def text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise WrongShape(key)
    return clean(value)


def optional_text(data: Mapping[str, Any], key: str) -> str | None:
    return None if data.get(key) is None else text(data, key)


def optional_int(data: Mapping[str, Any], key: str) -> int | None:
    value = data.get(key)
    return value if type(value) is int else None


def optional_flag(data: Mapping[str, Any], key: str) -> bool | None:
    value = data.get(key)
    return value if isinstance(value, bool) else None


def amount(data: Mapping[str, Any], key: str) -> int:
    value = data.get(key)
    if type(value) is not int or not 0 <= value < 2**53:
        raise WrongShape(key)
    return value


def signed(data: Mapping[str, Any], key: str) -> int:
    """Minor units that may be credit."""
    value = data.get(key)
    if type(value) is not int or abs(value) >= 2**53:
        raise WrongShape(key)
    return value


def optional_signed(data: Mapping[str, Any], key: str) -> int | None:
    return None if data.get(key) is None else signed(data, key)


def first_amount(*values: Any) -> int:
    return next((value for value in values if type(value) is int and value >= 0), 0)


def currency(data: Mapping[str, Any]) -> str:
    value = text(data, "currency").lower()
    if not _CURRENCY.fullmatch(value):
        raise WrongShape("currency")
    return value


def instant(data: Mapping[str, Any], key: str) -> datetime:
    value = data.get(key)
    if type(value) is not int:
        raise WrongShape(key)
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        raise WrongShape(key) from None


def optional_instant(data: Mapping[str, Any], key: str) -> datetime | None:
    return None if data.get(key) is None else instant(data, key)


def objects(data: Any) -> list[Mapping[str, Any]]:
    """The items of a list that an object carries, or none where it was not included."""
    return [item for item in array(mapping(data), "data") if isinstance(item, dict)]


def array(data: Mapping[str, Any], key: str) -> list[Any]:
    """An array, empty where it is null or absent."""
    value = data.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise WrongShape(key)
    return value


def metadata(data: Mapping[str, Any]) -> dict[str, str]:
    pairs = mapping(data.get("metadata")).items()
    return {clean(key): clean(value) for key, value in pairs if isinstance(value, str)}
