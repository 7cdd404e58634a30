"""Drafts that somebody has to look at before they go out, by rules that are data: propose -> adopt, or withdraw."""

from . import _place as _place  # follows every invoice that is taken in
from ._decide import why
from ._find import LIST, find
from ._propose import adopt, propose, withdraw
from ._simulate import MOST, Held, Simulated, simulate

__all__ = [
    "LIST", "MOST", "Held", "Simulated", "adopt", "find", "propose", "simulate", "why",
    "withdraw",
]  # fmt: skip
