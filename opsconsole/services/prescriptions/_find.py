"""Reading prescriptions."""

from __future__ import annotations

from ...models import Prescription, PrescriptionStatus
from .._find import Listing, among, exactly, one_of_ours

LIST = Listing(
    Prescription,
    {
        "status": among(Prescription.status, PrescriptionStatus, "Whether it can be filled."),
        "customer": one_of_ours(Prescription.customer_id, "Whose; an id or its URL."),
        "provider": one_of_ours(Prescription.provider_id, "Who prescribed; an id or its URL."),
        "external_id": exactly(Prescription.external_id, "The healthcare vendor's id.", few=True),
    },
)
find = LIST.find
