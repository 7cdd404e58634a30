"""The registry of customers."""

from ._find import LIST, find
from ._money import Summary, money, money_of
from ._record import IdTaken, record

__all__ = ["LIST", "IdTaken", "Summary", "find", "money", "money_of", "record"]
