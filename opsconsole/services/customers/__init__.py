"""The registry of customers."""

from ._find import LIST, find
from ._record import IdTaken, record

__all__ = ["LIST", "IdTaken", "find", "record"]
