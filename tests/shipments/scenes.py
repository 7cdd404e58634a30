"""Scenes that stories about parcels begin with."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from opsconsole.db import db

from ..house import House
from ..kept import scene

FOLLOWING = "POST /easypost/v2/trackers"  # the call that follows a parcel, as fault dials name it
_numbers = itertools.count(1)


def code() -> str:
    """A tracking number that nobody had before."""
    return f"94001112062064{next(_numbers):08}"


@scene
def packed(house: House, status: str = "at_pharmacy", **more: Any) -> dict[str, Any]:
    """A paid order that the pharmacy has."""
    order = house.order(**more)
    stands(house, order, status)
    return house.api().get(order["url"])


def stands(house: House, order: dict[str, Any], status: str) -> None:
    """Put an order where the pharmacy's acts would bring it."""
    with house.app.app_context():
        db.session.execute(
            text("update orders set status = :status where id = :id"), {"status": status, "id": order["id"]}
        )
        db.session.commit()


def record(house: House, order: dict[str, Any], role: str = "demo", status: int = 201, **more: Any) -> Any:
    """Note a parcel of the order. Returns the act's answer."""
    asked = {"carrier": "USPS", "tracking_code": code(), **more}
    return house.api(role).post(f"{order['url']}/shipment", asked, status)


@scene
def recorded(house: House, order: dict[str, Any]) -> str:
    """A parcel that is recorded and nothing more, whatever the order is. Returns its id."""
    stands(house, order, "at_pharmacy")
    return str(record(house, order)["subject"]).rsplit("/", 1)[-1]


@scene
def followed(
    house: House, plan: str = "never_scanned", order: dict[str, Any] | None = None, **more: Any
) -> Any:
    """A parcel that the sandbox follows and that goes as `plan` says. Returns its JSON."""
    house.sandbox.easypost.plan(plan)
    done = record(house, order or packed(house), **more)
    house.drain()
    return house.api().get(done["subject"])


def scan(house: House, parcel: dict[str, Any], status: str, *, hours_ago: float = 0, **more: str) -> Any:
    """The carrier scans the parcel, and what follows from that. Returns the parcel's JSON."""
    house.sandbox.easypost.scan(parcel["external_id"], status, hours_ago=hours_ago, **more)
    house.drain()
    return house.api().get(parcel["url"])


def order_of(house: House, parcel: dict[str, Any]) -> Any:
    return house.api().get(parcel["order"])


def instant(house: House) -> datetime:
    return datetime.fromtimestamp(house.sandbox.clock.now(), UTC)


def until(house: House, at: datetime, *, after: timedelta = timedelta(minutes=1)) -> None:
    """Let time pass until shortly after an instant, and the clock look."""
    from opsconsole import jobs

    house.later(max(0.0, (at + after - instant(house)).total_seconds()))
    with house.app.app_context():
        jobs.run_due()
    house.drain()
