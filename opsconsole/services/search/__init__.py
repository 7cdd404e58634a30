"""Finding anything from one box: an exact id by one indexed read each, fragments only when there is none."""

from ._find import AT_MOST, Found, Group, find
from ._says import Hit, hit

__all__ = ["AT_MOST", "Found", "Group", "Hit", "find", "hit"]
