"""Real scans in an order's parcel lane, and who has the ball."""

from __future__ import annotations

from typing import Any

from ..house import House
from .scenes import followed, order_of, scan


def lane(house: House, parcel: Any) -> Any:
    return next(one for one in order_of(house, parcel)["lanes"] if one["lane"] == "parcel")


def test_scans_stand_in_the_parcel_lane(house: House) -> None:
    parcel = followed(house)
    house.later(3600)
    scan(house, parcel, "in_transit", city="Fresno", state="CA")
    scan(house, parcel, "in_transit", city="Reno", state="NV")
    assert order_of(house, parcel)["ball"]["who"] == "carrier"
    house.later(3600)
    scan(house, parcel, "out_for_delivery", city="Tempe", state="AZ")
    page = house.page().get(parcel["order"])
    assert "USPS: in transit, Fresno, CA" in page and "USPS: out for delivery, Tempe, AZ" in page
    assert "USPS: in transit, Reno" not in page, "only what says something new"
    assert lane(house, parcel)["says"] == "Out for delivery"
    assert parcel["tracking_code"] in page
    house.later(3600)
    scan(house, parcel, "failure", detail="lost")
    told = order_of(house, parcel)
    assert (told["ball"]["who"], told["ball"]["says"]) == (
        "us", "Something went wrong on its way: its case says what to do.",
    )  # fmt: skip
    house.later(3600)
    scan(house, parcel, "available_for_pickup")
    assert order_of(house, parcel)["ball"]["who"] == "patient"
    scan(house, parcel, "delivered")
    assert (lane(house, parcel)["state"], order_of(house, parcel)["ball"]["who"]) == ("delivered", "nobody")
