"""Prescriptions, as the healthcare vendor tells us of them. Nobody here ever changes one."""

from ._differs import Difference, Owners, differences, owners
from ._find import LIST, find
from ._hooks import when_settled

__all__ = ["LIST", "Difference", "Owners", "differences", "find", "owners", "when_settled"]
