"""Keyset paging: never count, never offset."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")
PAGE = 50


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows and the cursor of the next ones, None when there are no more."""

    items: Sequence[T]
    next: str | None


class BadCursor(ValueError):
    """The cursor was not made here."""


def cursor(at: datetime, id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), id]).encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[datetime, str]:
    """The (instant, id) a cursor stands for. Raises BadCursor."""
    try:
        at, id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        instant = datetime.fromisoformat(at)
    except (ValueError, TypeError, RecursionError) as error:
        raise BadCursor("Start again from the first page: this cursor cannot be read.") from error
    if not isinstance(id, str) or instant.tzinfo is None or not id.isascii() or "\x00" in id:
        raise BadCursor("Start again from the first page: this cursor cannot be read.")
    return instant, id
