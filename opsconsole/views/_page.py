"""What the templates ask of their request and of the static files."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from flask import g

from ..db import now as console_now

STATIC = Path(__file__).parent.parent / "static"


def now() -> datetime:
    """The console's now, read once per request: a table of ages asks for it in every row."""
    found: datetime | None = g.get("now")
    if found is None:
        found = g.now = console_now()
    return found


@lru_cache
def _digest(path: str) -> str:
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:8]


def asset(path: str) -> str:
    """The URL of a static file, with its content hash."""
    return f"/static/{path}?v={_digest(path)}"
