"""Reading versions of the rules."""

from __future__ import annotations

from ...models import RoutingRules, RoutingStatus
from .._find import Listing, among

LIST = Listing(
    RoutingRules, {"status": among(RoutingRules.status, RoutingStatus, "Which holds, held, or waits.")}
)
find = LIST.find
