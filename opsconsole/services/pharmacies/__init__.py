"""Pharmacies: who they are, and where they may ship to."""

from ._find import LIST, find
from ._licensed import licensed

__all__ = ["LIST", "find", "licensed"]
