"""Scenes that stories about comparisons begin with: the ways in which we and the outside come apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from opsconsole import vendors

from ..billing.scenes import drafted
from ..chaos.billing_acts import subscribed
from ..chaos.worlds import Inside
from ..fills import scenes as of_fills
from ..house import House
from ..kept import scene
from ..scenes import processor
from ..shipments import scenes as of_parcels
from ..shipments.scenes import stands

HOUR = 3600.0


@scene
def compared(house: House, *, fix: bool = False, role: str = "demo") -> Any:
    """All orders are compared. The run's JSON."""
    done = house.api(role).post("/reconciliation/run", {"fix": fix})
    house.drain()
    run = house.api().get(done["subject"])
    assert run["status"] == "done", run
    return run


def findings(house: House, **given: str) -> list[Any]:
    """The findings that are open, unless `given` says else."""
    asked = "&".join(f"{name}={value}" for name, value in {"status": "open", **given}.items())
    return list(house.api().get(f"/reconciliation/findings?{asked}")["items"])


def only_finding(house: House) -> Any:
    [found] = findings(house)
    return found


@contextmanager
def unheard(house: House, vendor: str) -> Iterator[None]:
    """What a vendor tells meanwhile gets lost."""
    house.sandbox.fault(kind="drop", method="webhook", vendor=vendor)
    yield
    house.drain()
    house.sandbox.clear_faults()


@scene
def filled(house: House, **of_order: Any) -> Any:
    """A fill that its pharmacy has looked at and that goes no further by itself for a while. Its JSON."""
    if not house.api().get("/pharmacies")["items"]:
        of_fills.pharmacies(house)
    return of_fills.at_pharmacy(house, **of_order)


@scene
def shipped(house: House) -> Any:
    """A fill whose parcel is on its way and followed. Its JSON."""
    house.sandbox.easypost.plan("never_scanned")
    fill = filled(house)
    house.later(HOUR)
    house.later(7 * HOUR)
    fill = house.api().get(fill["url"])
    assert (fill["status"], house.api().get(fill["order"])["status"]) == ("shipped", "shipped")
    return fill


def by_hand(house: House, number: str, reference: str, **more: Any) -> str:
    """Somebody orders at Truepill's own desk. Returns its number there."""
    at = house.sandbox.truepill.turn
    with at() as turn:
        created = turn.instant
    line = {
        "order_number": number, "status": "verified", "reference": reference, "patient_reference": "by hand",
        "prescription": {"id": f"rx-{number}", "fill_number": 1}, "medications": [{"sku": "NC60", "quantity": 1}],
        "shipping_address": of_fills.HOME, "metadata": {}, "created_at": created, **more,
    }  # fmt: skip
    house.sandbox.truepill.load([line])
    return number


def parcel_of(house: House, fill: Any) -> Any:
    return house.api().get(house.api().get(fill["url"])["shipment"])


# ---------------------------------------------------------------- each way to differ, through the sandbox's doors


def fill_behind(house: House) -> None:
    fill = filled(house)
    with unheard(house, "truepill"):
        house.later(700)
    assert of_fills.look(house, fill)[0] == "acknowledged"


def fill_ended_there(house: House) -> None:
    fill = filled(house)
    with unheard(house, "truepill"):
        house.sandbox.truepill.move(fill["external_id"], "canceled")
    assert of_fills.look(house, fill)[0] == "acknowledged"


def fill_ahead_here(house: House) -> None:
    fill = shipped(house)
    house.sandbox.truepill.amend(fill["external_id"], {"status": "filling", "shipment": None})


def fill_missing_there(house: House) -> None:
    house.sandbox.truepill.forget(filled(house)["external_id"])


def fill_unknown_here(house: House) -> None:
    of_fills.pharmacies(house)
    by_hand(house, "TP-7", of_fills.order(house)["reference"])


def fill_of_no_order(house: House) -> None:
    by_hand(house, "TP-8", "R-of-nobody")


def two_live_there(house: House) -> None:
    fill = filled(house)
    by_hand(house, "TP-9", house.api().get(fill["order"])["reference"])


def canceled_here_live_there(house: House) -> None:
    fill = filled(house)
    stands(house, house.api().get(fill["order"]), "canceled")


def order_without_fill(house: House) -> None:
    of_fills.pharmacies(house)
    stands(house, of_fills.order(house), "at_pharmacy")


def items_differ(house: House) -> None:
    fill = filled(house)
    house.sandbox.truepill.amend(fill["external_id"], {"medications": [{"sku": "NC60", "quantity": 3}]})


def ship_to_differs(house: House) -> None:
    fill = filled(house)
    elsewhere = of_fills.HOME | {"state": "TX", "zip": "73301"}
    house.sandbox.truepill.amend(fill["external_id"], {"shipping_address": elsewhere})


def tracking_differs(house: House) -> None:
    fill = shipped(house)
    shipment = {"carrier": "UPS", "tracking_number": "1Z5R89390300000777", "status": "TRANSIT"}
    house.sandbox.truepill.amend(fill["external_id"], {"shipment": shipment})


def parcel_missing_here(house: House) -> None:
    """It left while nobody was connected that follows parcels."""
    carrier = vendors._ports.pop("tracking")
    fill = filled(house)
    house.later(HOUR)
    house.later(7 * HOUR)
    vendors.connect("tracking", carrier)
    assert house.api().get(fill["url"])["shipment"] is None


def parcel_not_followed(house: House) -> None:
    house.sandbox.easypost.forget(parcel_of(house, shipped(house))["external_id"])


def parcel_behind(house: House) -> None:
    parcel = parcel_of(house, shipped(house))
    with unheard(house, "easypost"):
        of_parcels.scan(house, parcel, "in_transit")
    assert parcel_of(house, {"url": f"/fills/{parcel['fill']}"})["status"] == "label_created"


def order_not_delivered(house: House) -> None:
    parcel = parcel_of(house, shipped(house))
    with unheard(house, "easypost"):
        of_parcels.scan(house, parcel, "delivered")


def subscription_differs(house: House) -> None:
    """Somebody pauses its collection at Stripe's own desk."""
    one = subscribed(Inside(house))
    held = house.api().get(one["subscription"])["external_id"]
    with unheard(house, "stripe"):
        processor(house).subscriptions.update(held, {"pause_collection": {"behavior": "void"}})


def invoice_differs(house: House) -> None:
    """Somebody holds a draft at Stripe's own desk."""
    draft = drafted(house)
    with unheard(house, "stripe"):
        processor(house).invoices.update(draft["external_id"], {"auto_advance": False})


@dataclass(frozen=True)
class Way:
    """One way to differ. `status` is what the finding ends as when it is repaired as it suggests."""

    seed: Callable[[House], None]
    automatic: bool = False
    act: str = "reconciliation.repair"
    ends: str = "repaired"

    @property
    def by_itself(self) -> bool:
        """Does a comparison put it right? A parcel's new number only in part: its customer is written to."""
        return self.automatic and self.seed is not tracking_differs

    @property
    def kind(self) -> str:
        return self.seed.__name__


WAYS = (
    Way(fill_behind, automatic=True),
    Way(fill_ended_there, automatic=True),
    Way(fill_ahead_here, act="reconciliation.dismiss", ends="dismissed"),
    Way(fill_missing_there),
    Way(fill_unknown_here),
    Way(fill_of_no_order),
    Way(two_live_there),
    Way(canceled_here_live_there),
    Way(order_without_fill),
    Way(items_differ, act="fills.cancel", ends="gone"),
    Way(ship_to_differs),
    Way(tracking_differs, automatic=True),
    Way(parcel_missing_here, automatic=True),
    Way(parcel_not_followed, automatic=True),
    Way(parcel_behind, automatic=True),
    Way(order_not_delivered, automatic=True),
    Way(subscription_differs, automatic=True),
    Way(invoice_differs, automatic=True),
)
each_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.kind)
