"""Scenes that stories about plans begin with."""

from __future__ import annotations

from typing import Any

from ..fills import scenes as of_fills
from ..house import House
from ..kept import scene
from ..scenes import WINDOW
from ..shipments import scenes as of_parcels

CANCEL, REASON = "customer_request", "cancelled_before_ship"
ALL = {"all": True, "reason": REASON}


@scene
def ready(house: House) -> Any:
    """A paid order that no pharmacy has, of a customer whom the CRM knows. Its JSON."""
    return _known(house, house.order("60.00"))


@scene
def at_pharmacy(house: House, **of_order: str) -> Any:
    """An order that the pharmacy is about to make up. Its JSON."""
    of_fills.pharmacies(house)
    fill = of_fills.at_pharmacy(house, **of_order)
    return _known(house, house.api().get(fill["order"]))


@scene
def on_its_way(house: House) -> tuple[Any, Any]:
    """An order whose parcel the carrier has. Returns (its JSON, the parcel's)."""
    parcel = of_parcels.followed(house)
    house.later(3600)
    parcel = of_parcels.scan(house, parcel, "in_transit")
    return _known(house, house.api().get(parcel["order"])), parcel


def _known(house: House, order: Any) -> Any:
    house.contact(order["customer"].rsplit("/", 1)[-1], "cust-1@example.test")
    return order


@scene
def plan(house: House, order: Any, role: str = "demo", **steps: Any) -> Any:
    """Make a plan. Returns its JSON."""
    done = house.api(role).post(f"{order['url']}/plan", steps)
    return house.api().get(done["subject"])


def again(house: House, made: Any) -> Any:
    return house.api().get(made["url"])


def settled(house: House) -> None:
    """The pharmacy answers, then what waited for it goes out, then the mailbox has it."""
    for seconds in (WINDOW, 10, 10):
        house.later(seconds)


def stands(made: Any) -> dict[str, str]:
    """How each step stands, by its kind."""
    return {step["kind"]: step["status"] for step in made["steps"]}


def step(made: Any, kind: str) -> Any:
    return next(one for one in made["steps"] if one["kind"] == kind)


def fill_of(house: House, order: Any) -> Any:
    [url] = house.api().get(order["url"])["fills"]
    return house.api().get(url)
