"""Reading fills, and those among them that somebody has to look at."""

from __future__ import annotations

from ...models import EXCEPTIONAL, Fill, FillStatus
from .. import outbox
from .._find import Listing, among, exactly, one_of_ours, yes

LIST = Listing(
    Fill,
    {
        "status": among(Fill.status, FillStatus, "How far it is on its way."),
        "pharmacy": exactly(Fill.pharmacy_id, "Where; the pharmacy's id."),
        "exception": yes(
            Fill.status.in_(EXCEPTIONAL), "What a person or the pharmacy's staff has to look at."
        ),
        "code": exactly(Fill.code, "What is wrong, as our code."),
        "order": one_of_ours(Fill.order_id, "Of which order; an id or its URL."),
        "customer": one_of_ours(Fill.customer_id, "Whose; an id or its URL."),
        "external_id": exactly(Fill.external_id, "The pharmacy's own number.", few=True),
        "tracking_number": exactly(Fill.tracking_number, "The carrier's number.", few=True),
        "waits_for": outbox.waiting_about(Fill),
    },
    size=46,
)
find = LIST.find
