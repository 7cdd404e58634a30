"""How long something takes, as people say it."""

from __future__ import annotations

_UNITS = (("y", 31_536_000), ("d", 86_400), ("h", 3600), ("min", 60))


def span_words(seconds: float) -> str:
    """One unit, rounded down, as people say it in a table: "3 d"."""
    whole = int(abs(seconds))
    for unit, length in _UNITS:
        if whole >= length:
            return f"{whole // length} {unit}"
    return f"{whole} s"
