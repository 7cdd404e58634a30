"""Giving a parcel up, and what happens when it turns up."""

from __future__ import annotations

from ..house import House
from ..scenes import cases_of, denied, only_case, refused
from .scenes import followed, order_of, scan

WHY = {"reason": "UPS cannot find it"}


def lost(house: House) -> dict[str, str]:
    parcel = followed(house)
    house.later(3600)
    parcel = scan(house, parcel, "in_transit")
    house.api("ops_lead").post(f"{parcel['url']}/mark_lost", WHY)
    return dict(house.api().get(parcel["url"]))


def test_a_parcel_that_is_given_up_is_somebodys_case(house: House) -> None:
    parcel = lost(house)
    assert (parcel["status"], parcel["exception_code"]) == ("exception", "lost")
    assert parcel["lost_at"] and order_of(house, parcel)["status"] == "shipped"
    case = only_case(house, parcel["url"])
    assert case["reason"] == "parcel_exception" and "given up as lost" in case["says"]
    refused(house, house.api(), f"{parcel['url']}/mark_lost", WHY, "not_lost")
    house.later(3600)
    parcel = scan(house, parcel, "in_transit")
    assert (parcel["status"], cases_of(house, parcel["url"])) == ("in_transit", [])


def test_a_lost_parcel_that_arrives_is_a_case(house: House) -> None:
    parcel = lost(house)
    house.later(3600)
    parcel = scan(house, parcel, "delivered")
    assert (parcel["status"], order_of(house, parcel)["status"]) == ("delivered", "delivered")
    case = only_case(house, parcel["url"])
    assert case["reason"] == "lost_parcel_arrived" and "never taken back into stock" in case["says"]
    refused(house, house.api(), f"{parcel['url']}/mark_lost", WHY, "not_lost")


def test_it_is_done_on_a_page_by_who_has_the_right_and_once(house: House) -> None:
    parcel = followed(house)
    for role in ("support", "finance", "shop"):
        denied(house, role, f"{parcel['url']}/mark_lost", WHY)
    house.api().post(f"{parcel['url']}/mark_lost", {}, 422)
    lee = house.page("ops_lead")
    assert "stays followed" in lee.get(f"{parcel['url']}/mark_lost")
    lee.submit(f"{parcel['url']}/mark_lost", WHY)
    assert "counts as lost" in lee.html
    again = house.api().post(f"{parcel['url']}/mark_lost", WHY, 409, key="k")
    assert again["refused"]["code"] == "not_lost"
