"""Small shapes in what pharmacies answer, read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._asking import WrongShape, clean, object_in


def objects_in(value: Any) -> list[Mapping[str, Any]]:
    if not isinstance(value, list):
        raise WrongShape("not a list")
    return [object_in(one) for one in value]


def goods(value: Any, sku: str, quantity: str) -> tuple[tuple[str, int], ...] | None:
    """What is made up: (sku, quantity) of each line, sorted. None where it is not told."""
    if value is None:
        return None
    lines = objects_in(value)
    if any(type(line.get(quantity)) is not int for line in lines):
        raise WrongShape("an odd quantity")
    return tuple(sorted((word(line.get(sku), 100), int(line[quantity])) for line in lines))


def word(value: Any, limit: int = 255) -> str:
    """Text that must be there, fit for a database."""
    found = text(value, limit)
    if not found:
        raise WrongShape("a word is missing")
    return found


def text(value: Any, limit: int = 255) -> str | None:
    """Text fit for a database, None for nothing."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise WrongShape("not text")
    return clean(value)[:limit]


def texts(value: Any) -> dict[str, str]:
    """What was echoed of our tags: names and values that are text."""
    if value is None:
        return {}
    return {name: one[:255] for name, one in object_in(value).items() if isinstance(one, str)}
