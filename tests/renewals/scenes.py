"""Scenes of prescriptions that come to their end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from opsconsole.db import db
from opsconsole.models import Prescription
from opsconsole.services import CLOCK, prescriptions, renewals, transaction
from opsconsole.services.prescriptions import _hooks

from ..gates.scenes import SKU, today
from ..house import House
from ..subscriptions.scenes import subscribed

DAY = 86400


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


def ending(house: House, *, days: int = 30, refills: int = 11, customer: str = "cust-1") -> Any:
    """A subscription whose prescription ends in so many days. The prescription's JSON."""
    subscribed(house, customer=customer, rx_days=days, refills=refills)
    return house.api().get(f"/prescriptions?external_id=rx-{customer}")["items"][0]


def alter(house: House, query: str, **values: Any) -> None:
    with house.app.app_context():
        db.session.execute(text(query), values)
        db.session.commit()


def prescribe_anew(house: House, old: Any, *, days: int = 400, external_id: str = "rx-new") -> str:
    """The clinic has prescribed again, and told us: what settling does. The new one's id."""
    with house.app.app_context(), transaction():
        known = Prescription.require(old["id"])
        new = Prescription(
            status="active", customer_id=known.customer_id, external_id=external_id, sku=SKU, drug="Cream", quantity=1,
            refills_authorised=3, fills_used=0, written_on=today(house), provider_id=known.provider_id,
            expires_on=today(house) + timedelta(days=days), prior_external_id=known.external_id, raw_status="active",
        ).add()  # fmt: skip
        _hooks.settled(new, None)
        return new.id


assert prescriptions
