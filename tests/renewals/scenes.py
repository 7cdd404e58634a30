"""Scenes of prescriptions that come to their end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from opsconsole.db import db
from opsconsole.models import ExternalId, Prescription, ProductKey
from opsconsole.services import CLOCK, prescriptions, renewals, transaction
from opsconsole.services._actor import robot
from opsconsole.vendors.healthcare import DrugKey, Face, PrescriptionFacts

from ..gates.scenes import SKU, today
from ..house import House
from ..kept import scene
from ..subscriptions.scenes import subscribed

DAY = 86400
HEALTHCARE = robot("healthcare")


@scene
def tracked(house: House) -> list[Any]:
    """Have the clock look for what has to be renewed. The renewals' JSON."""
    with house.app.app_context():
        for prescription_id in renewals.to_track():
            renewals.track(prescription_id, by=CLOCK)
    return list(house.api().get("/renewals")["items"])


def drip(house: House, days: float = 0) -> Any:
    """So many days later, let the clock take the steps that are due. The newest renewal's JSON."""
    house.advance(days * DAY)
    with house.app.app_context():
        for renewal_id in renewals.due():
            renewals.step(renewal_id, by=CLOCK)
    house.drain()
    return house.api().get("/renewals")["items"][0]


@scene
def ending(house: House, *, days: int = 30, refills: int = 11, customer: str = "cust-1") -> Any:
    """A subscription whose prescription ends in so many days. The prescription's JSON."""
    subscribed(house, customer=customer, rx_days=days, refills=refills)
    return house.api().get(f"/prescriptions?external_id=rx-{customer}")["items"][0]


def alter(house: House, query: str, **values: Any) -> None:
    with house.app.app_context():
        db.session.execute(text(query), values)
        db.session.commit()


@scene
def prescribe_anew(house: House, old: Any, *, days: int = 400, external_id: str = "rx-new") -> str:
    """The clinic has prescribed again, and told us. The new one's id."""
    alter(house, "update providers set external_id = 'ada' where external_id is null")
    with house.app.app_context():
        known = Prescription.require(old["id"])
        patient = house.rows(
            "select external_id from external_ids where customer_id = :id and system = 'healthcare'",
            id=known.customer_id,
        )
        product = house.rows("select id from products where sku = :sku", sku=SKU)[0].id
        known_as = patient[0].external_id if patient else "pat-renewed"
        prior = known.external_id
        with transaction():
            if not patient:
                ExternalId(
                    customer_id=known.customer_id, system="healthcare", external_id=known_as, as_of=now(house)
                ).add()
            ProductKey(product_id=product, system="compound", key="cream", as_of=now(house)).add()
        face = Face(
            "Cream",
            (DrugKey("compound", "cream"),),
            "",
            None,
            "",
            None,
            3,
            today(house),
            today(house) + timedelta(days),
        )
        told = PrescriptionFacts(
            id=external_id, version="1", updated_at=now(house), status="active", raw_status="active", patient=known_as,
            prescriber="ada",
            prior=prior, face=face,
        )  # fmt: skip
        made = prescriptions.settle(external_id, facts=told, fetched_at=now(house), by=HEALTHCARE)
        return str(made.id)


def now(house: House) -> datetime:
    at: datetime = house.rows("select instant() as at")[0].at
    return at
