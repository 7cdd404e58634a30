"""Subscriptions as the processor holds them, and what people change of them there: each act plans a change -> the
processor does it -> the mirror follows."""

from ._ahead import Ahead, ahead
from ._alter import alter
from ._cancel import (
    FEEDBACK,
    When,
    cancel,
    drafts_go_with_it,
    keep,
    to_cancel,
    to_keep,
    unshipped,
    why_not_cancel,
    why_not_keep,
)
from ._coverage import OF_PRESCRIPTION, blockers, skus_of, uncovered
from ._effective import Standing, ends_at, judge, was_moved
from ._find import LIST, find
from ._forecast import Occasion, Terms, occasions, step, told
from ._guard import Faulty, blocked_by, faults, guard, to_guard
from ._in_the_way import NotCovered
from ._intent import Bills, Intent, NotChangeable, Quoted, ask, when_previewed
from ._map import of_unknown_price
from ._mirror import mirror, mirror_price, stand, when_moved
from ._pause import WHAT_HAPPENS, kind_for, pause, pausing, why_not_pause, why_not_whole
from ._reactivate import reactivate, same_product, why_not_reactivate
from ._reschedule import reschedule, skip, skipped, to_move, to_skip, to_unskip, unskip, why_not_move
from ._resume import (
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
from ._swap import carry_on, swap, waiting_swap, waiting_swaps, why_not_swap
from ._terms import PRORATION_WORDS, NotPriced, prices_for, to_alter, why_not_alter
from .reasons import CHOICES, REASONS

__all__ = [
    "CHOICES",
    "FEEDBACK",
    "LIST",
    "OF_PRESCRIPTION",
    "PRORATION_WORDS",
    "REASONS",
    "WHAT_HAPPENS",
    "Ahead",
    "Bills",
    "Faulty",
    "Intent",
    "NotChangeable",
    "NotCovered",
    "NotPriced",
    "Occasion",
    "Quoted",
    "Standing",
    "Terms",
    "When",
    "agreed",
    "ahead",
    "alter",
    "ask",
    "blocked_by",
    "blockers",
    "cancel",
    "carry_on",
    "changed",
    "drafts_go_with_it",
    "due",
    "ends_at",
    "faults",
    "find",
    "guard",
    "hold_back",
    "judge",
    "keep",
    "kind_for",
    "kind_of",
    "mirror",
    "mirror_price",
    "occasions", "of_unknown_price",
    "pause",
    "pausing",
    "prices_for",
    "reactivate",
    "refresh",
    "reschedule",
    "resume",
    "resuming_soon",
    "same_product",
    "settle",
    "settle_price",
    "skip",
    "skipped",
    "skus_of", "stand",
    "step",
    "swap",
    "take_up",
    "to_alter",
    "to_cancel",
    "to_guard",
    "to_keep",
    "to_move",
    "to_resume",
    "to_skip",
    "to_unskip",
    "told",
    "uncovered",
    "unshipped",
    "unskip",
    "waiting_swap",
    "waiting_swaps",
    "was_moved",
    "when_moved", "when_previewed",
    "why_not_alter",
    "why_not_cancel",
    "why_not_keep",
    "why_not_move",
    "why_not_pause",
    "why_not_reactivate",
    "why_not_resume",
    "why_not_swap",
    "why_not_whole",
]  # fmt: skip
