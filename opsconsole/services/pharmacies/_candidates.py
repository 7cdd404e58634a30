"""Who could fill something: each pharmacy that we work with, and what speaks against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, or_, select

from ... import vendors
from ...db import db
from ...models import Pharmacy, PharmacyLicence, PharmacyOffer, Stock


@dataclass(frozen=True)
class Candidate:
    """`lacking` says of each product that it cannot give why, by sku; `offers` are what is known of the others."""

    pharmacy: Pharmacy
    licensed: bool
    lacking: Mapping[str, str]
    offers: Mapping[str, PharmacyOffer]

    @property
    def may(self) -> bool:
        return self.licensed and not self.lacking

    @property
    def cost(self) -> int | None:
        """Of one of each, in minor units; None where a price is not known."""
        return sum(offer.cost for offer in self.offers.values()) if self.offers else None


def candidates(state: str, skus: Sequence[str], on: date) -> list[Candidate]:
    """The active pharmacies that this installation is connected to, in the order in which they are asked. Two
    statements."""
    licence = and_(
        PharmacyLicence.pharmacy_id == Pharmacy.id,
        PharmacyLicence.state == state,
        or_(PharmacyLicence.expires_on.is_(None), PharmacyLicence.expires_on >= on),
    )
    query = select(Pharmacy, PharmacyLicence.id).join(PharmacyLicence, licence, isouter=True)
    query = query.where(Pharmacy.active).order_by(Pharmacy.rank, Pharmacy.name)
    of_sku = PharmacyOffer.of(skus)
    return [
        Candidate(
            pharmacy,
            licensed is not None,
            {sku: why for sku, offers in of_sku.items() if (why := _lacks(sku, offers, pharmacy))},
            {sku: offers[pharmacy.id] for sku, offers in of_sku.items() if pharmacy.id in offers},
        )
        for pharmacy, licensed in db.session.execute(query)
        if vendors.connected(pharmacy.port)
    ]


def _lacks(sku: str, offers: Mapping[str, PharmacyOffer], pharmacy: Pharmacy) -> str | None:
    """Why it cannot give one product. Of a product that nobody offers, nothing is known: anybody may be asked."""
    if not offers:
        return None
    offer = offers.get(pharmacy.id)
    if offer is None:
        return f"does not make {sku}"
    if offer.stock != Stock.OUT:
        return None
    return f"{sku} is out" + (f" until {offer.back_on:%-d %b}" if offer.back_on else "")
