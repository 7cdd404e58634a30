"""Reading renewals."""

from __future__ import annotations

from ...models import Renewal, RenewalStatus
from .._find import Listing, among, one_of_ours

LIST = Listing(
    Renewal,
    {
        "status": among(Renewal.status, RenewalStatus, "How far it is."),
        "customer": one_of_ours(Renewal.customer_id, "Whose; an id or its URL."),
        "prescription": one_of_ours(Renewal.prescription_id, "Of which prescription; an id or its URL."),
    },
)
find = LIST.find
