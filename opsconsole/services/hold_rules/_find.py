"""Reading versions of the rules."""

from __future__ import annotations

from ...models import HoldRules, HoldRulesStatus
from .._find import Listing, among

LIST = Listing(
    HoldRules, {"status": among(HoldRules.status, HoldRulesStatus, "Which holds, held, or waits.")}
)
find = LIST.find
