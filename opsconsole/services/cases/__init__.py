"""What nobody could settle becomes a case that somebody sees, owns and fixes.

What stands behind a case (a promise, an event) registers its `Remedy` here: that is how a case can be
retried or settled without this package knowing what a promise is.
"""

from ._claim import NotYours, claim
from ._close import AlreadyResolved, EndedOtherwise, NothingToRetry, NothingToSettle, dismiss, retry, settle
from ._find import AGES, LIST, NOBODY, aged, find, of
from ._note import note
from ._open import REASONS, Remedy, allowed, behind, close_when_solved, open_case, remedy, resolve

__all__ = [
    "AGES", "LIST", "NOBODY", "REASONS", "AlreadyResolved", "EndedOtherwise", "NotYours", "NothingToRetry",
    "NothingToSettle", "Remedy", "aged", "allowed", "behind", "claim", "close_when_solved", "dismiss", "find", "note",
    "of", "open_case", "remedy", "resolve", "retry", "settle",
]  # fmt: skip
