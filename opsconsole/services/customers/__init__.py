"""The registry of customers."""

from ._find import find
from ._note import note
from ._record import IdTaken, record

__all__ = ["IdTaken", "find", "note", "record"]
