"""Reading pharmacies."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from ...db import db
from ...models import STATES, Pharmacy, PharmacyLicence, PharmacyOffer
from .._find import Filter, Listing, exactly


def _licensed_in(state: str) -> ColumnElement[bool]:
    if state not in STATES:
        raise ValueError("Write two capital letters of a state or territory, like CA.")
    return Pharmacy.id.in_(select(PharmacyLicence.pharmacy_id).where(PharmacyLicence.state == state))


LIST = Listing(
    Pharmacy,
    {
        "name": exactly(Pharmacy.name, "The whole name.", few=True),
        "state": Filter(
            _licensed_in,
            "Licensed there, or once was; two capital letters.",
            few=True,
            choices=tuple(sorted(STATES)),
        ),
    },
    sorts=("created_at", "name"),
)
find = LIST.find


def offers(pharmacy: Pharmacy) -> list[PharmacyOffer]:
    """What it makes for us, by sku."""
    query = select(PharmacyOffer).where(PharmacyOffer.pharmacy_id == pharmacy.id)
    return list(db.session.scalars(query.order_by(PharmacyOffer.sku)))
