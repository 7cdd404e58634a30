"""Health data for who has no standing right to it: reveal one field -> see it for a minute; break the glass -> review."""

from ._break_glass import OPEN_FOR, break_glass, close_glass, is_open, may_read_anyway
from ._reveal import PURPOSES, REVEALABLE, SHOWN_FOR, CannotReveal, may_reveal, reveal, revealed
from ._review import LIST, VERDICTS, find, overdue, patient_of, remind, review, told_why

__all__ = [
    "LIST", "OPEN_FOR", "PURPOSES", "REVEALABLE", "SHOWN_FOR", "VERDICTS", "CannotReveal", "break_glass", "close_glass",
    "find", "is_open", "may_read_anyway", "may_reveal", "overdue", "patient_of", "remind", "reveal", "revealed",
    "review", "told_why",
]  # fmt: skip
