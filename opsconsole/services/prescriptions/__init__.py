"""Prescriptions, as the healthcare vendor tells us of them. Nobody here ever changes one."""

from ._find import LIST, find

__all__ = ["LIST", "find"]
