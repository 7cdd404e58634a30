"""Reading what happened: the audit's entries, the timeline of a record, the tree of a trace."""

from ._entries import LIST, find
from ._timeline import Entry, timeline
from ._trace import Trace, trace

__all__ = ["LIST", "Entry", "Trace", "find", "timeline", "trace"]
