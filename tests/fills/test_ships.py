"""A fill that leaves its pharmacy: one parcel, followed, and the order goes where the parcel goes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from opsconsole.services import robot
from opsconsole.services.fills import settle
from opsconsole.vendors.pharmacy import FillFacts, FillState

from ..house import House
from ..scenes import cases_of, only_case
from ..shipments.scenes import order_of, record
from .scenes import at_pharmacy, look, pharmacies

HOUR = 3600.0


def parcels(house: House, order: str) -> list[Any]:
    found: list[Any] = house.api().get(f"/shipments?order={order}")["items"]
    return found


def left(house: House, fill: Any, number: str, *, seconds: float = 60) -> None:
    """The pharmacy tells that the fill has left under that number, so many seconds from now."""
    house.advance(seconds)
    facts = FillFacts(
        id=fill["external_id"],
        state=FillState.SHIPPED,
        raw_status="TRANSIT",
        carrier="UPS",
        tracking_number=number,
    )
    at = datetime.fromtimestamp(house.sandbox.clock.now(), UTC)
    with house.app.app_context():
        settle(fill["external_id"], facts=facts, fetched_at=at, by=robot("pharmacy-truepill"))
    house.drain()


@pytest.mark.parametrize("state", ["NV", "CA"])  # of each pharmacy's own
def test_from_the_pharmacy_to_the_door(house: House, state: str) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, state=state)
    for step in (HOUR, 7 * HOUR):
        house.later(step)
    assert look(house, fill) == ("shipped", "shipped")
    (parcel,) = parcels(house, fill["order"])
    now = house.api().get(fill["url"])
    assert (parcel["fill"], parcel["url"]) == (fill["id"], now["shipment"])
    assert (parcel["carrier"], parcel["tracking_code"]) == (now["carrier"], now["tracking_number"])
    assert parcel["external_id"], "EasyPost follows it"
    for _ in range(3):
        house.later(48 * HOUR)
    assert look(house, fill) == ("shipped", "delivered")
    (parcel,) = parcels(house, fill["order"])
    assert parcel["status"] == "delivered" and cases_of(house, fill["order"]) == []
    found = house.api().get(f"/search?q={now['tracking_number']}")
    assert [one["url"] for one in found["items"]] == [parcel["url"]]
    of_fill, of_parcel, of_order = (
        house.page("ops_lead").get(url) for url in (fill["url"], parcel["url"], fill["order"])
    )
    assert f'href="{parcel["url"]}"' in of_fill and f'href="{fill["url"]}"' in of_parcel
    assert f'<a href="{parcel["url"]}">{parcel["tracking_code"]}</a>' in of_order, "beside its fill"


def test_what_is_told_again_and_late_is_one_parcel(house: House) -> None:
    """The carrier may be ahead of the pharmacy."""
    pharmacies(house)
    fill = at_pharmacy(house, fate="STALL")
    left(house, fill, "1Z5R89390300000101")
    for _ in range(3):
        house.later(48 * HOUR)
    assert look(house, fill) == ("shipped", "delivered")
    left(house, fill, "1Z5R89390300000101")
    assert look(house, fill) == ("shipped", "delivered") and len(parcels(house, fill["order"])) == 1


def test_a_parcel_that_was_recorded_by_hand_is_the_fills(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house)
    order = house.api().get(fill["order"])
    by_hand = record(house, order, carrier="UPS", tracking_code="1Z5R 8939 0300 0001 02")["subject"]
    left(house, fill, "1Z5R89390300000102")
    (parcel,) = parcels(house, fill["order"])
    assert (parcel["url"], parcel["fill"]) == (by_hand, fill["id"]) and cases_of(house, fill["order"]) == []


def test_another_label_is_a_case_until_the_parcel_has_it(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, fate="STALL")
    left(house, fill, "1Z5R89390300000103")
    left(house, fill, "1Z5R89390300000104")
    (parcel,) = parcels(house, fill["order"])
    case = only_case(house, parcel["url"])
    assert case["reason"] == "parcel_renumbered" and parcel["tracking_code"] == "1Z5R89390300000103"
    label = {"carrier": "UPS", "tracking_code": "1Z5R89390300000104", "reason": "the pharmacy says so"}
    house.api().post(case["suggests"]["url"], label)
    assert cases_of(house, parcel["url"]) == [] and len(parcels(house, fill["order"])) == 1


def test_a_number_that_is_none_is_a_case_and_the_order_goes_on(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house)
    left(house, fill, "n/a")
    assert look(house, fill) == ("shipped", "shipped") and parcels(house, fill["order"]) == []
    case = only_case(house, fill["url"])
    assert case["reason"] == "parcel_not_followed"
    assert case["suggests"]["url"] == f"{fill['order']}/shipment"
    left(house, fill, "1Z5R89390300000105")
    assert cases_of(house, fill["url"]) == [] and order_of(house, parcels(house, fill["order"])[0])
