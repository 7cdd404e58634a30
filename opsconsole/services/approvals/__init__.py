"""Four eyes: what one person alone may not do waits here until somebody else has seen exactly the same.

An act says by itself that it needs a second person: by its amount (`weigh`), or always (`@act(second=...)`). Then
nothing of it happens; `perform` writes a request down and answers 202. `approve` runs the act again as the one who
asked, and only if it would still do what both have seen.
"""

from ._decide import (
    AlreadyDecided,
    NoLongerAllowed,
    NotYours,
    OnlyPeople,
    approve,
    expire,
    expired,
    reject,
    void,
    why_not,
    withdraw,
)
from ._delegate import NotDelegable, delegate, end_delegation
from ._find import LIST, History, find, history
from ._request import APPROVE, request, who
from ._weigh import MEASURES, OverLimit, alone, cents, weigh

__all__ = [
    "APPROVE", "LIST", "MEASURES", "AlreadyDecided", "History", "NoLongerAllowed", "NotDelegable", "NotYours", "OnlyPeople",
    "OverLimit", "alone", "approve", "cents", "delegate", "end_delegation", "expire", "expired", "find", "history",
    "reject", "request", "void", "weigh", "who", "why_not", "withdraw",
]  # fmt: skip
