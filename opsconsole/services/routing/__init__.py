"""Which pharmacy fills what, by rules that are data: route, and propose -> adopt or withdraw to change them."""

from ._decide import Choice, Other, Route, Wanted
from ._find import LIST, find
from ._propose import MOST_RULES, adopt, propose, withdraw
from ._route import route
from ._simulate import DAYS, Move, Simulated, simulate

__all__ = [
    "DAYS", "LIST", "MOST_RULES", "Choice", "Move", "Other", "Route", "Simulated", "Wanted",
    "adopt", "find", "propose", "route", "simulate", "withdraw",
]  # fmt: skip
