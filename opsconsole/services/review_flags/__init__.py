"""What a clinician has to have looked at: raised by rules or by the clinic (settle), acknowledged, resolved, passed on."""

from ._decide import FlagOver, SeenAlready, acknowledge, dismiss, escalate, resolve, why_not
from ._find import LIST, find
from ._overdue import overdue, run_late
from ._raise import raise_for
from ._settle import settle

__all__ = [
    "LIST", "FlagOver", "SeenAlready", "acknowledge", "dismiss", "escalate", "find", "overdue", "raise_for", "resolve",
    "run_late", "settle", "why_not",
]  # fmt: skip
