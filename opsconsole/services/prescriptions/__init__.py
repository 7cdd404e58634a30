"""Prescriptions, as the healthcare vendor tells us of them. Nobody here ever changes one; what keeps one from being filled
is found, and put right around it."""

from ._differs import Difference, Owners, differences, owners
from ._find import LIST, find
from ._fix import chosen, fix, next_steps, why_not_yours
from ._flags import flags_against
from ._hooks import when_settled
from .causes import ASK, CAUSES, Finding, Offer, diagnose, who_may

__all__ = [
    "ASK", "CAUSES", "LIST", "Difference", "Finding", "Offer", "Owners", "chosen", "diagnose", "differences", "find", "fix",
    "flags_against", "next_steps", "owners", "when_settled", "who_may", "why_not_yours",
]  # fmt: skip
