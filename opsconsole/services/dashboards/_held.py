"""What was read a moment ago is good enough for everybody who looks: one a process and few seconds reads it for all."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from ...db import db

R = TypeVar("R")
_last: WeakKeyDictionary[Engine, dict[str, tuple[float, object]]] = WeakKeyDictionary()
_one_at_a_time = Lock()


def held(name: str, read: Callable[[], R], *, at_most_old: float) -> R:
    """What `read` gives, at most so many seconds old."""
    with _one_at_a_time:
        known = _last.setdefault(db.engine, {})
        read_at, found = known.get(name, (0.0, None))
        if found is None or monotonic() - read_at >= at_most_old:
            found = read()
            known[name] = (monotonic(), found)
        return found  # type: ignore[return-value]
