"""What happened: the audit's entries and their seals, the timeline of a record, the tree of a trace."""

from ._entries import LIST, approvals_of, find
from ._heads import Head, Heads
from ._movement import movement
from ._seal import seal
from ._timeline import ACTORS, KINDS, SYSTEMS, Entry, timeline
from ._trace import Branch, Trace, Waiting, trace, waits
from ._verify import Touched, Verdict, verify

__all__ = [
    "ACTORS", "KINDS", "LIST", "SYSTEMS", "Branch", "Entry", "Head", "Heads", "Touched", "Trace", "Verdict",
    "Waiting", "approvals_of", "find", "movement", "seal", "timeline", "trace", "verify", "waits",
]  # fmt: skip
