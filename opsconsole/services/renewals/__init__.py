"""Renewing what comes to its end: found each night, asked for by steps, ended by the new prescription; the charge waits."""

from ._board import BUCKETS, Bucket, Row, counts, rows
from ._drip import due, step, why_not_ask
from ._end import NotOpen, answered, end, no_longer_needed, renewed, stop, why_not_stop
from ._find import LIST, find
from ._hold import covered, hold_charge, hold_uncovered, let_charge_go, unheld
from ._track import BEFORE, FEW, NotRenewable, begin, needed_by, next_charge, to_track, track

__all__ = [
    "BEFORE", "BUCKETS", "FEW", "LIST", "Bucket", "NotOpen", "NotRenewable", "Row", "answered", "begin", "counts",
    "covered", "due", "end", "find", "hold_charge", "hold_uncovered", "let_charge_go", "needed_by", "next_charge",
    "no_longer_needed", "renewed", "rows", "step", "stop", "to_track", "track", "unheld",
    "why_not_ask", "why_not_stop",
]  # fmt: skip
