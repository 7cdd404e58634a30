"""Promises: what acts owe the outside, kept by workers exactly once.

`promise` is called inside an act, `keep` by a worker, `sweep` and `due` by the clock.
"""

from . import _breaker as breaker
from . import _remedy as _remedy  # registers what cases can do about promises
from ._breaker import health
from ._due import CHANNEL, due, hint, lock_of
from ._find import LIST, find
from ._keep import keep
from ._keeper import KEEPERS, Keeper, Reopened, keeper
from ._outage import concerned, let_out, outage_since, waiting_about, waits_for
from ._pace import Pace
from ._promise import AlreadyWithdrawn, NotWithdrawable, may_withdraw, moot, of, promise, proven, withdraw
from ._read import read
from ._sweep import sweep

__all__ = [
    "CHANNEL",
    "KEEPERS",
    "LIST",
    "AlreadyWithdrawn",
    "Keeper",
    "NotWithdrawable",
    "Pace",
    "Reopened",
    "breaker",
    "concerned",
    "due",
    "find",
    "health",
    "hint",
    "keep",
    "keeper",
    "let_out",
    "lock_of",
    "may_withdraw",
    "moot",
    "of",
    "outage_since",
    "promise",
    "proven",
    "read",
    "sweep",
    "waiting_about",
    "waits_for",
    "withdraw",
]
