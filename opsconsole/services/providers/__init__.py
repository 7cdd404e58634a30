"""Who prescribes, and where they are licensed."""

from ._find import LIST, find

__all__ = ["LIST", "find"]
