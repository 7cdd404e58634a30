"""Reading pharmacies."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db
from ...models import Pharmacy, PharmacyLicence, PharmacyOffer
from .._find import Listing, exactly, licensed_in

LIST = Listing(
    Pharmacy,
    {
        "name": exactly(Pharmacy.name, "The whole name.", few=True),
        "state": licensed_in(Pharmacy, PharmacyLicence.pharmacy_id, PharmacyLicence.state),
    },
    sorts=("created_at", "name"),
)
find = LIST.find


def offers(pharmacy: Pharmacy) -> list[PharmacyOffer]:
    """What it makes for us, by sku."""
    query = select(PharmacyOffer).where(PharmacyOffer.pharmacy_id == pharmacy.id)
    return list(db.session.scalars(query.order_by(PharmacyOffer.sku)))
