"""Invoices as Stripe holds them and what is done about one before and after it is sent; what waits for the next one:
charge -> compile -> applied; and customers' own pages at Stripe."""

from ._adjust import REASONS as ADJUST_REASONS
from ._adjust import adjust
from ._adjustments import ADJUSTMENTS, sums
from ._balance import Entry, Ledger, ledger
from ._beside import Beside, beside
from ._charge import (
    LARGEST,
    MOST_AT_ONCE,
    AdjustmentDiffers,
    ChargeAsked,
    NotAtStripe,
    charge,
    drop_charge,
    move_charge,
    why_not_changed,
)
from ._collect import collect, stop_collecting
from ._compile import compile_, compiled, due, uncompiled
from ._credit import REASONS as CREDIT_REASONS
from ._credit import Creditable, credit, creditable, void_credit, why_not_void
from ._credit_notes import credited, settle_credit_note
from ._drop import drop_drafts, keep_drafts
from ._finalise import finalise
from ._find import LIST, find
from ._give_back import give_back
from ._grant import GRANT_REASONS, TAKE_BACK_REASONS, balance_moved, grant, take_back, why_not_take_back
from ._hold import LONGEST, USUAL, forgotten, hold, let_go, let_it_go, place, release
from ._hold import REASONS as HOLD_REASONS
from ._lines import Line, lines, lines_of
from ._mirror import mirror_invoice, when_moved
from ._not_finalised import NOT_FINALISED, Stuck, stuck_words
from ._portal import FLOWS, OPENS_WITHIN, LinkNotKept, NoLink, bring_up_to_date, link, portal
from ._record_payment import record_payment
from ._reissue import reissue
from ._settle import changed, lookup, settle
from ._stands import instead, locked, why_not
from ._sync import NothingToSync, Waiting, sync, wait, waiting
from ._void import REASONS as VOID_REASONS
from ._void import void, write_off
from .descriptions import NEUTRAL, why_not_written

__all__ = [
    "ADJUSTMENTS",
    "ADJUST_REASONS",
    "CREDIT_REASONS",
    "FLOWS",
    "GRANT_REASONS",
    "HOLD_REASONS",
    "LARGEST",
    "LIST",
    "LONGEST",
    "MOST_AT_ONCE",
    "NEUTRAL",
    "NOT_FINALISED",
    "OPENS_WITHIN",
    "TAKE_BACK_REASONS",
    "USUAL",
    "VOID_REASONS",
    "AdjustmentDiffers",
    "Beside",
    "ChargeAsked",
    "Creditable",
    "Entry",
    "Ledger",
    "Line",
    "LinkNotKept",
    "NoLink",
    "NotAtStripe",
    "NothingToSync",
    "Stuck",
    "Waiting",
    "adjust",
    "balance_moved",
    "beside",
    "bring_up_to_date",
    "changed",
    "charge",
    "collect",
    "compile_",
    "compiled",
    "credit",
    "creditable",
    "credited",
    "drop_charge",
    "drop_drafts",
    "due",
    "finalise",
    "find",
    "forgotten",
    "give_back",
    "grant",
    "hold",
    "instead",
    "keep_drafts",
    "ledger",
    "let_go",
    "let_it_go",
    "lines",
    "lines_of",
    "link",
    "locked",
    "lookup",
    "mirror_invoice",
    "move_charge",
    "place",
    "portal",
    "record_payment",
    "reissue",
    "release",
    "settle",
    "settle_credit_note",
    "stop_collecting",
    "stuck_words",
    "sums",
    "sync",
    "take_back",
    "uncompiled",
    "void",
    "void_credit",
    "wait",
    "waiting",
    "when_moved",
    "why_not",
    "why_not_changed",
    "why_not_take_back",
    "why_not_void",
    "why_not_written",
    "write_off",
]  # fmt: skip
