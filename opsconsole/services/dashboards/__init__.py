"""What looks back: how much comes in and goes out, whether it is in time, and what became of the money.

Each number is counted by one statement and carries what its rows are found by, so that it opens exactly them.
"""

from ._flow import Day, Flow, flow
from ._held import held
from ._levels import Kept, levels
from ._money import Money, money

__all__ = ["Day", "Flow", "Kept", "Money", "flow", "held", "levels", "money"]
