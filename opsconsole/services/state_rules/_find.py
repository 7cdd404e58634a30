"""Reading the states' rules."""

from __future__ import annotations

from ...models import StateRule
from .._find import Listing, exactly

LIST = Listing(StateRule, {"state": exactly(StateRule.state, "Two capital letters.", few=True)})
find = LIST.find
