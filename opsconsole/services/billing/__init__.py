"""Invoices: mirrored from Stripe, and what is done about one before and after it is sent."""

from ._find import LIST, find
from ._mirror import mirror_invoice, when_moved
from ._not_finalised import NOT_FINALISED, Stuck, stuck_words
from ._settle import changed, lookup, settle

__all__ = [
    "LIST", "NOT_FINALISED", "Stuck", "changed", "find", "lookup", "mirror_invoice", "settle", "stuck_words", "when_moved",
]  # fmt: skip
