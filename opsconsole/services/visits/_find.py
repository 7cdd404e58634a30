"""Reading visits, for whoever may see where each stands. What was answered stands on none of these rows."""

from __future__ import annotations

from ...models import Visit, VisitStatus
from .._find import Listing, among, exactly, one_of_ours

LIST = Listing(
    Visit,
    {
        "status": among(Visit.status, VisitStatus, "How far it has come."),
        "customer": one_of_ours(Visit.customer_id, "Whose; an id or its URL."),
        "order": one_of_ours(Visit.order_id, "For which order; an id or its URL."),
        "prescription": one_of_ours(Visit.prescription_id, "About which prescription; an id or its URL."),
        "external_id": exactly(Visit.external_id, "The healthcare system's id.", few=True),
    },
)
find = LIST.find
