"""What must never happen to a patient, kept before each commit and looked for each night (docs/harm.md).

Each guard has a file: `_two_copies`, `_denied`, `_charged`, `_resumed`, `_opted_out`, `_refunded`, `_twice`.
"""

from . import _charged, _denied, _opted_out, _refunded, _resumed, _twice, _two_copies
from ._find import LIST, Kept, find, kept
from ._guard import GUARDS, Guard, Violation
from ._keep import Harmful, unharmed
from ._sweep import sweep, sweep_nightly

__all__ = [
    "GUARDS",
    "LIST",
    "Guard",
    "Harmful",
    "Kept",
    "Violation",
    "find",
    "kept",
    "sweep",
    "sweep_nightly",
    "unharmed",
]
_ = _charged, _denied, _opted_out, _refunded, _resumed, _twice, _two_copies  # they register themselves
