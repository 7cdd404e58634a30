"""Prescriptions, mirrored from the healthcare system, and what it is asked about them: prescribe, resend, cancel."""

from ._ask import NotKnownThere, ask, asked, not_asked
from ._find import LIST, find
from ._hooks import when_settled
from ._prescribe import AlreadyPrescribed, prescribe, take_back, write, written
from ._two import live
from ._when_answered import when_answered

__all__ = [
    "LIST", "AlreadyPrescribed", "NotKnownThere", "ask", "asked", "find", "live", "not_asked", "prescribe", "take_back",
    "when_answered", "when_settled", "write", "written",
]  # fmt: skip
