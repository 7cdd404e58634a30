"""Subscriptions as the processor holds them, and what people change of them there: each act plans a change -> the
processor does it -> the mirror follows."""

from ._coverage import OF_PRESCRIPTION, blockers, uncovered
from ._effective import Standing, ends_at, judge, was_moved
from ._find import LIST, find
from ._forecast import Occasion, Terms, occasions, step, told
from ._intent import Intent, NotChangeable, Quoted, ask
from ._mirror import mirror, mirror_price, stand, when_moved
from ._settle import changed, refresh, settle, settle_price

__all__ = [
    "LIST", "OF_PRESCRIPTION", "Intent", "NotChangeable", "Occasion", "Quoted", "Standing", "Terms", "ask",
    "blockers", "changed", "ends_at", "find", "judge", "mirror", "mirror_price", "occasions", "refresh", "settle",
    "settle_price", "stand", "step", "told", "uncovered", "was_moved", "when_moved",
]  # fmt: skip
