"""What has to be so before medicine leaves: each gate open or closed, why, and which act opens it."""

from ._asked import Asked, Line, day_of
from ._blocker import Blocker, Fix
from ._check import Checked, check
from ._edited import tell_prescriptions
from ._licences import lacking
from ._of_order import Gate, Gates, Stands, of_order
from ._override import LONGEST, MAY, NEVER, overridable, override, used, withdraw_override
from ._prescribed import fills_left, next_number, ship_by

__all__ = [
    "LONGEST", "MAY", "NEVER", "Asked", "Blocker", "Checked", "Fix", "Gate", "Gates", "Line", "Stands", "check", "day_of",
    "fills_left", "lacking", "next_number", "of_order", "overridable", "override", "ship_by", "tell_prescriptions", "used",
    "withdraw_override",
]  # fmt: skip
