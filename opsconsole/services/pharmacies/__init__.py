"""Pharmacies: who they are, where they may ship to, and what they have."""

from ._candidates import Candidate, candidates
from ._find import LIST, find
from ._licensed import licensed

__all__ = ["LIST", "Candidate", "candidates", "find", "licensed"]
