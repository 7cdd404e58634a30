"""Mirrors of what the processor holds: payments with their disputes and refunds."""

from ._claim import PaymentTaken, expect
from ._find import LIST, find
from ._mirror import mirror_refund
from ._note import note
from ._settle import settle
from ._unclaimed import miss, unclaimed
from ._warn import warn

__all__ = [
    "LIST", "PaymentTaken", "expect", "find", "mirror_refund", "miss", "note", "settle", "unclaimed", "warn",
]  # fmt: skip
