"""Reading what happened: the audit's entries, the timeline of a record, the tree of a trace."""

from ._entries import find
from ._timeline import ACTORS, KINDS, SYSTEMS, Entry, timeline
from ._trace import Branch, Trace, Waiting, trace

__all__ = [
    "ACTORS", "KINDS", "SYSTEMS", "Branch", "Entry", "Trace", "Waiting", "find", "timeline", "trace",
]  # fmt: skip
