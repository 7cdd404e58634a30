"""What should come back from outside, by when, and what is done about what does not: the dog that did not bark.

`_kinds.py` is the table of all of it. They are written down by themselves (`_declare`), and the clock looks at those that
are due (`look`, `came`). `silent` names the vendors that have stopped talking. All of it is bookkeeping and no act.
"""

from . import _waits as _waits  # traces tell of them
from ._declare import expect
from ._find import LIST, counts, find, still_open
from ._kinds import KINDS, PORTS, Kind
from ._learn import learn
from ._look import Looked, came, look
from ._silent import Silence, silent
from ._waits import said

__all__ = [
    "KINDS", "LIST", "PORTS", "Kind", "Looked", "Silence", "came", "counts", "expect", "find", "learn", "look", "said",
    "silent", "still_open",
]  # fmt: skip
