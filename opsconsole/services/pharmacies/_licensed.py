"""Which pharmacies may ship to a state on a day."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select

from ... import vendors
from ...db import db
from ...models import Pharmacy, PharmacyLicence


def licensed(state: str, on: date) -> list[Pharmacy]:
    """The active pharmacies that this installation is connected to and that the state has licensed, in the order in
    which they are asked."""
    query = (
        select(Pharmacy)
        .join(PharmacyLicence, PharmacyLicence.pharmacy_id == Pharmacy.id)
        .where(
            Pharmacy.active,
            PharmacyLicence.state == state,
            or_(PharmacyLicence.expires_on.is_(None), PharmacyLicence.expires_on >= on),
        )
        .order_by(Pharmacy.rank, Pharmacy.name)
    )
    return [found for found in db.session.scalars(query) if vendors.connected(found.port)]
