"""Subscriptions as the processor holds them, and what people change of them there: each act plans a change -> the
processor does it -> the mirror follows."""

from ._coverage import OF_PRESCRIPTION, blockers, uncovered
from ._effective import Standing, ends_at, judge, was_moved
from ._find import LIST, find
from ._forecast import Occasion, Terms, occasions, step, told
from ._intent import Bills, Intent, NotChangeable, Quoted, ask
from ._mirror import mirror, mirror_price, stand, when_moved
from ._pause import WHAT_HAPPENS, kind_for, pause, pausing, why_not_pause, why_not_whole
from ._reschedule import reschedule, skip, skipped, to_move, to_skip, to_unskip, unskip, why_not_move
from ._resume import (
    NotCovered,
    agreed,
    due,
    hold_back,
    kind_of,
    resume,
    resuming_soon,
    take_up,
    to_resume,
    why_not_resume,
)
from ._settle import changed, refresh, settle, settle_price
from .reasons import CHOICES, REASONS

__all__ = [
    "CHOICES", "LIST", "OF_PRESCRIPTION", "REASONS", "WHAT_HAPPENS", "Bills", "Intent", "NotChangeable", "NotCovered",
    "Occasion", "Quoted", "Standing", "Terms", "agreed", "ask", "blockers", "changed", "due", "ends_at", "find",
    "hold_back", "judge", "kind_for", "kind_of", "mirror", "mirror_price", "occasions", "pause", "pausing",
    "refresh", "reschedule", "resume", "resuming_soon", "settle", "settle_price", "skip", "skipped", "stand",
    "step", "take_up", "to_move", "to_resume", "to_skip", "to_unskip", "told", "uncovered", "unskip", "was_moved",
    "when_moved", "why_not_move", "why_not_pause", "why_not_resume", "why_not_whole",
]  # fmt: skip
