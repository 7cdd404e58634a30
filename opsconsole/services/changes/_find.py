"""Lists of changes."""

from __future__ import annotations

from typing import Any

from ...lib.paging import Page
from ...models import Change, ChangeStatus
from .._find import Listing, among, one_of_ours

LIST = Listing(
    Change,
    filters={
        "status": among(Change.status, ChangeStatus, "How far it is."),
        "subscription": one_of_ours(Change.subscription_id, "Of one subscription."),
        "invoice": one_of_ours(Change.invoice_id, "Of one invoice."),
        "customer": one_of_ours(Change.customer_id, "Of one customer."),
    },
)


def find(**asked: Any) -> Page[Change]:
    """A page of changes, newest first. Raises as Listing.find."""
    return LIST.find(**asked)
