"""Mirrors of what the processor holds: payments with their disputes and refunds; and charging a saved card: collect ->
charge -> settle, and undo before it is charged."""

from ._card import CardUnknown, NoCard, SavedCard, ask_card, saved
from ._charge import charged, declined
from ._claim import expect
from ._collect import NotCollectable, collect, unpaid, why_not_collect
from ._find import LIST, find
from ._mirror import mirror_refund
from ._note import note
from ._refresh import refresh
from ._settle import settle
from ._tie import PaymentTaken, ready_if_paid
from ._unclaimed import miss, unclaimed
from ._warn import warn
from ._withdraw import BeingCharged, call_off, withdraw

__all__ = [
    "LIST", "BeingCharged", "CardUnknown", "NoCard", "NotCollectable", "PaymentTaken", "SavedCard", "ask_card",
    "call_off", "charged", "collect", "declined", "expect", "find", "mirror_refund", "miss", "note", "ready_if_paid",
    "refresh", "saved", "settle", "unclaimed", "unpaid", "warn", "why_not_collect", "withdraw",
]  # fmt: skip
