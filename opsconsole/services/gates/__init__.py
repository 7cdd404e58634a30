"""What has to be so before medicine leaves: each gate open or closed, why, and which act opens it."""

from ._asked import Asked, Line
from ._blocker import Blocker, Fix
from ._check import Checked, check
from ._of_order import Gate, Gates, Stands, of_order
from ._prescribed import next_number, ship_by

__all__ = [
    "Asked", "Blocker", "Checked", "Fix", "Gate", "Gates", "Line", "Stands", "check", "next_number", "of_order", "ship_by",
]  # fmt: skip
