"""Sending again for nothing what did not arrive as it should have: issue -> follow; found after all, called off."""

from ._call_off import AlreadyCalledOff, TooLate, convert, withdraw
from ._find import LIST, find
from ._follow import follow
from ._found import found
from ._gone import AlreadyRefunded, AlreadyReplaced, NotSent, NotTogether
from ._issue import issue
from ._often import given_so_far
from ._prescription import NotReplaceable
from ._resume import prescribed_anew, resume
from ._why_not import why_not_convert, why_not_issue, why_not_withdraw
from .reasons import REASONS, Evidence, Happened, Reason, tree

__all__ = [
    "LIST", "REASONS", "AlreadyCalledOff", "AlreadyRefunded", "AlreadyReplaced", "Evidence", "Happened", "NotReplaceable",
    "NotSent", "NotTogether", "Reason", "TooLate", "convert", "find", "follow", "found", "given_so_far", "issue",
    "prescribed_anew", "resume", "tree", "why_not_convert", "why_not_issue", "why_not_withdraw", "withdraw",
]  # fmt: skip
