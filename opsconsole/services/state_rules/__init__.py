"""What each state asks of care at a distance."""

from ._find import LIST, find

__all__ = ["LIST", "find"]
