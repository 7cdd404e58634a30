"""Reading review flags. What kind one is tells of somebody's health: no list filters by it."""

from __future__ import annotations

from ...models import FlagStatus, ReviewFlag
from .._find import Listing, among, one_of_ours

LIST = Listing(
    ReviewFlag,
    {
        "status": among(ReviewFlag.status, FlagStatus, "How far it was dealt with."),
        "customer": one_of_ours(ReviewFlag.customer_id, "Whose; an id or its URL."),
    },
)
find = LIST.find
