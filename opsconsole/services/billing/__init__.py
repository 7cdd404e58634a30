"""Invoices: mirrored from Stripe, and what is done about one before and after it is sent."""

from ._adjust import REASONS as ADJUST_REASONS
from ._adjust import adjust
from ._beside import Beside, beside
from ._collect import collect, stop_collecting
from ._finalise import finalise
from ._find import LIST, find
from ._hold import LONGEST, USUAL, forgotten, hold, let_go, place, release
from ._hold import REASONS as HOLD_REASONS
from ._lines import Line, lines, lines_of
from ._mirror import mirror_invoice
from ._not_finalised import NOT_FINALISED, Stuck, stuck_words
from ._record_payment import record_payment
from ._reissue import reissue
from ._settle import changed, lookup, settle
from ._stands import instead, locked, why_not
from ._void import REASONS as VOID_REASONS
from ._void import void, write_off
from .descriptions import NEUTRAL, why_not_written

__all__ = [
    "ADJUST_REASONS", "HOLD_REASONS", "LIST", "LONGEST", "NEUTRAL", "NOT_FINALISED", "USUAL", "VOID_REASONS",
    "Beside", "Line", "Stuck", "adjust", "beside", "changed", "collect", "finalise", "find", "forgotten", "hold",
    "instead", "let_go", "lines", "lines_of", "locked", "lookup", "mirror_invoice", "place", "record_payment",
    "reissue", "release", "settle", "stop_collecting", "stuck_words", "void", "why_not", "why_not_written",
    "write_off",
]  # fmt: skip
