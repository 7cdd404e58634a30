"""What staff write down beside a thing: write -> edit, pin. Nothing is deleted; who is called by name is told.

Each noun that can carry notes has an act of its own (`orders.note`), so that its right can be given by itself; all of
them are `write`.
"""

from ._edit import NotAuthor, NothingChanged, edit
from ._find import LIST, find, pinned
from ._health import HIDDEN, READ_PHI, shown
from ._mentions import Told, mentions_of, seen, told_by
from ._pin import AlreadyPinned, NotPinned, pin, unpin
from ._write import write

__all__ = [
    "HIDDEN", "LIST", "READ_PHI", "AlreadyPinned", "NotAuthor", "NotPinned", "NothingChanged", "Told", "edit", "find",
    "mentions_of", "pin", "pinned", "seen", "shown", "told_by", "unpin", "write",
]  # fmt: skip
