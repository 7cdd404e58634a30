"""How long all requests made inside may take together. It knows no wire, so that anybody may set one."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextvars import ContextVar

ends_at: ContextVar[float | None] = ContextVar("wire_deadline", default=None)


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """All requests made inside share these seconds. Inside another deadline the earlier one holds."""
    outer = ends_at.get()
    mine = time.monotonic() + seconds
    token = ends_at.set(mine if outer is None else min(mine, outer))
    try:
        yield
    finally:
        ends_at.reset(token)
