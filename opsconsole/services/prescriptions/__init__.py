"""Prescriptions, as the healthcare vendor tells us of them. Nobody here ever changes one."""

from ._find import LIST, find
from ._hooks import when_settled

__all__ = ["LIST", "find", "when_settled"]
