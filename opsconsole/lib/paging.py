"""Keyset paging: never count, never offset."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

T = TypeVar("T")
PAGE = 50
Key = int | str | datetime  # what a list may be sorted by
_BIGINT = range(-(2**63), 2**63)


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows and the cursor of the next ones, None when there are no more."""

    items: Sequence[T]
    next: str | None


class BadCursor(ValueError):
    """The cursor was not made here, or not for this list."""


def cursor(sort: str, key: Key, id: str) -> str:
    """Where a page ends: the sort it is of ("-placed_at"), the last row's value of it, and its id for ties."""
    told = key.isoformat() if isinstance(key, datetime) else key
    return base64.urlsafe_b64encode(json.dumps([sort, told, id]).encode()).decode().rstrip("=")


def read_cursor(text: str, sort: str, kind: type[Any]) -> tuple[Key, str]:
    """The (key, id) that a cursor stands for, the key an int, a str or a datetime. Raises BadCursor."""
    unreadable = BadCursor("Start again from the first page: this cursor cannot be read.")
    try:
        made_for, told, id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        key = datetime.fromisoformat(told) if kind is datetime else told
    except (ValueError, TypeError, RecursionError) as error:
        raise unreadable from error
    if not isinstance(id, str) or not id.isascii() or "\x00" in id or not _can_be(key, kind):
        raise unreadable
    if made_for != sort:
        raise BadCursor("Start again from the first page: this cursor belongs to the list sorted otherwise.")
    return key, id


def _can_be(key: Any, kind: type[Any]) -> bool:
    """A value that the database can compare with."""
    if type(key) is not kind:
        return False
    match key:
        case datetime():
            return key.tzinfo is not None
        case int():
            return key in _BIGINT
        case _:
            return "\x00" not in key and key.encode(errors="replace").decode() == key
