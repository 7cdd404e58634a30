"""Reading what happened: the audit's entries, the timeline of a record, the tree of a trace."""

from ._entries import find
from ._movement import movement
from ._timeline import Entry, timeline
from ._trace import Trace, trace

__all__ = ["Entry", "Trace", "find", "movement", "timeline", "trace"]
