"""The registry of what is sold, with the keys under which other systems know each product."""

from ._find import LIST, find
from ._record import KeyFacts, KeyTaken, record

__all__ = ["LIST", "KeyFacts", "KeyTaken", "find", "record"]
