"""Health data: masked for all, shown for a purpose, and every view of it written down: reveal -> seen -> report."""

from ._reveal import PURPOSES, REVEALABLE, SHOWN_FOR, CannotReveal, reveal, revealed
from ._views import begin, seen, views_of, write_down

__all__ = [
    "PURPOSES", "REVEALABLE", "SHOWN_FOR", "CannotReveal", "begin", "reveal", "revealed", "seen", "views_of",
    "write_down",
]  # fmt: skip
