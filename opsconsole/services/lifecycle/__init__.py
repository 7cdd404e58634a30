"""What the console does about subscriptions by itself, by a policy that is data: an unpaid invoice (follow -> explained ->
step), what customers are told beforehand (look -> notify), what the CRM is told; and the policy (propose -> adopt)."""

from ._find import DUNNINGS, LIST, NOTICES, find
from ._notices import MISSED, look, out_of_date
from ._notify import due as due_notices
from ._notify import notify
from ._project import facts_of, projected, unprojected
from ._propose import (
    MOST_RULES,
    MOST_STEPS,
    TOLD,
    adopt,
    labels,
    propose,
    withdraw,
)  # fmt: skip
from ._simulate import DAYS, Simulated, simulate
from ._spare import spare, to_spare
from ._step import WE, due, step
from ._stop import NotRunning, stop
from ._try_now import NotOwed, try_now, why_not_try
from ._waiting import waiting_for
from ._why import explained, why_not_running
from ._would_tell import would_tell
from ._zones import day_in, zone_of

__all__ = [
    "DAYS",
    "DUNNINGS",
    "LIST",
    "MISSED",
    "MOST_RULES",
    "MOST_STEPS",
    "NOTICES",
    "TOLD",
    "WE",
    "NotOwed",
    "NotRunning",
    "Simulated",
    "adopt",
    "day_in",
    "due",
    "due_notices",
    "explained",
    "facts_of",
    "find",
    "labels",
    "look",
    "notify",
    "out_of_date",
    "projected",
    "propose",
    "simulate",
    "spare",
    "step",
    "stop",
    "to_spare",
    "try_now",
    "unprojected",
    "waiting_for",
    "why_not_running",
    "why_not_try",
    "withdraw",
    "would_tell",
    "zone_of",
]  # fmt: skip
