"""Pharmacies: who they are, where they may ship to, what they have, and how much they take a day."""

from ._candidates import Candidate, candidates, everywhere
from ._find import LIST, find, offers
from ._licensed import licensed
from ._limit import SameAsBefore, limit
from ._load import load
from ._offer import offer

__all__ = [
    "LIST", "Candidate", "SameAsBefore", "candidates", "everywhere", "find", "licensed", "limit", "load", "offer",
    "offers",
]  # fmt: skip
