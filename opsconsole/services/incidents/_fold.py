"""Cases that the outage itself opened are its own: whoever looks at the cases sees one, not a thousand."""

from __future__ import annotations

from sqlalchemy import select, update

from ...db import db
from ...models import Case, CaseStatus, Incident, Promise
from .._transaction import transaction
from ._troubles import CREDENTIALS

GIVEN_UP = ("vendor_unavailable_exhausted", "unknown_outcome")
# What is late because a vendor tells nothing, by the vendor's port.
LATE = {
    "crm": ("message_not_sent",),
    "tracking": ("parcel_late", "parcel_not_followed"),
    "healthcare": ("pharmacy_silent",),
}


def fold(incident: Incident) -> None:
    """Put the open cases that came with it under the incident: bookkeeping, and no act. Nothing is written when there is
    none that is not there already."""
    theirs = select(Promise.id).where(Promise.port.in_(incident.ports))
    caused = (
        ((Case.reason == CREDENTIALS) & Case.subject_id.in_(incident.ports))
        | (Case.reason.in_(GIVEN_UP) & Case.behind_id.in_(theirs))
        | Case.reason.in_(LATE.get(incident.port, ()))
    )
    new = (
        Case.status == CaseStatus.OPEN,
        Case.incident_id.is_(None),
        Case.created_at >= incident.opened_at,
        caused,
    )
    found = list(db.session.scalars(select(Case.id).where(*new).limit(1000)))
    if not found:
        return
    with transaction():
        db.session.execute(
            update(Case)
            .where(Case.id.in_(found), Case.status == CaseStatus.OPEN)
            .values(incident_id=incident.id)
            .execution_options(synchronize_session=False)
        )
