"""Giving money back: issue -> send -> settle, and undo before it is sent."""

from ._find import find
from ._issue import NotRefundable, choose_payment, issue
from ._send import declined, send, sent
from ._settle import settle
from ._withdraw import withdraw
from .reasons import REASONS, Reason

__all__ = [
    "REASONS", "NotRefundable", "Reason", "choose_payment", "declined", "find", "issue", "send", "sent", "settle",
    "withdraw",
]  # fmt: skip
