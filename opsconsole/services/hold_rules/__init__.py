"""Drafts that somebody has to look at before they go out, by rules that are data: propose -> adopt, or withdraw."""

from . import _place as _place  # follows every invoice that is taken in
from ._decide import why
from ._find import LIST, find
from ._propose import NotDraft, SameAsBefore, adopt, propose, why_not_draft, withdraw
from ._simulate import MOST, Held, Simulated, simulate

__all__ = [
    "LIST", "MOST", "Held", "NotDraft", "SameAsBefore", "Simulated", "adopt", "find", "propose", "simulate", "why",
    "why_not_draft", "withdraw",
]  # fmt: skip
