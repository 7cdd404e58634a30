"""Two live prescriptions for one product: a patient could be given both. Nobody makes that here; what was made outside is
found, and is a case of high severity that names both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from ...db import db
from ...models import Prescription, PrescriptionRequest, PrescriptionStatus, RequestKind
from .. import cases

LIVE = (PrescriptionStatus.ACTIVE, PrescriptionStatus.ON_HOLD)
TWO = "two_prescriptions"


def live(customer_id: str, sku: str) -> Sequence[Prescription]:
    """A customer's live prescriptions for a product, the oldest first."""
    query = select(Prescription).where(
        Prescription.customer_id == customer_id, Prescription.sku == sku, Prescription.status.in_(LIVE)
    )
    return sorted(db.session.scalars(query), key=lambda rx: (rx.written_on or date.min, rx.external_id))


def watch(rx: Prescription) -> None:
    """Open the case of two, close it when it is one again. One whose canceling is under way is as good as gone."""
    db.session.flush()
    there = live(rx.customer_id, rx.sku) if rx.sku else []
    copies = [one for one in there if not PrescriptionRequest.open_of(one.id, RequestKind.CANCEL)]
    oldest = copies[0] if len(copies) > 1 else None
    for one in {rx.id: rx, **{other.id: other for other in there}}.values():
        if one is not oldest:
            cases.close_when_solved(TWO, one.id, "one of them is live")
    if oldest is None:
        return
    names = " and ".join(one.external_id for one in copies)
    words = (
        f"High severity: prescriptions {names} for {oldest.sku} are both live, so it could be filled twice. Find out which "
        "one counts, and have the other one canceled."
    )
    suggests = {"act": "prescriptions.cancel", "url": f"{oldest.url}/cancel", "label": "Cancel the older one"}
    about = {id for one in copies for id in one.related()}
    cases.open_case(TWO, oldest.id, says=words, suggests=suggests, about=about)
