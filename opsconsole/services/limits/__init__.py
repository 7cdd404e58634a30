"""Limits: how much of an act a role may do alone, and at most. They are compared in approvals.weigh."""

from ._change import SameAsBefore, change
from ._find import LIST, Version, find, of_role, versions
from ._simulate import DAYS, Simulated, called, replays, simulate

__all__ = [
    "DAYS",
    "LIST",
    "SameAsBefore",
    "Simulated",
    "Version",
    "called",
    "change",
    "find",
    "of_role",
    "replays",
    "simulate",
    "versions",
]
