"""Reading versions of the rules."""

from __future__ import annotations

from ...models import FlagRules, FlagRulesStatus
from .._find import Listing, among

LIST = Listing(
    FlagRules, {"status": among(FlagRules.status, FlagRulesStatus, "Which holds, held, or waits.")}
)
find = LIST.find
