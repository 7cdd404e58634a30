"""The registry of what is sold, with the keys under which other systems know each product, and those nobody knows yet."""

from ._find import LIST, UNMAPPED, find, find_unmapped
from ._map import AlreadyMapped, ignore_key, map_, why_not_ignore, why_not_map
from ._record import KeyFacts, KeyTaken, record
from ._unmapped import NoOneProduct, Waiting, known_as, not_known, waits, what_waits

__all__ = [
    "LIST", "UNMAPPED", "AlreadyMapped", "KeyFacts", "KeyTaken", "NoOneProduct", "Waiting", "find",
    "find_unmapped", "ignore_key", "known_as", "map_", "not_known", "record", "waits", "what_waits", "why_not_ignore",
    "why_not_map",
]  # fmt: skip
