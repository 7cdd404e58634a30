"""Having a carrier stop a parcel: a person asks, and the scans have the last word."""

from __future__ import annotations

import pytest

from ..house import House
from ..scenes import cases_of, denied, invalid, nothing_written, only_case, refused
from .scenes import followed, order_of, scan

WHY = {"reason": "The customer moved away"}


def moving(house: House) -> dict[str, str]:
    parcel = followed(house)
    house.later(3600)
    return dict(scan(house, parcel, "in_transit"))


def asked(house: House) -> dict[str, str]:
    parcel = moving(house)
    house.api("support").post(f"{parcel['url']}/intercept", WHY)
    return dict(house.api().get(parcel["url"]))


def status(house: House, parcel: dict[str, str]) -> str:
    [one] = house.api().get(parcel["url"])["intercepts"]
    return str(one["status"])


def test_it_is_a_case_that_says_where_to_ask_and_what(house: House) -> None:
    parcel = asked(house)
    case = only_case(house, parcel["url"])
    assert case["reason"] == "intercept" and case["suggests"]["act"] == "cases.settle"
    assert parcel["tracking_code"] in case["says"] and "USPS Package Intercept" in case["says"]
    [one] = house.api().get(parcel["url"])["intercepts"]
    assert (one["status"], one["reason"]) == ("asked", WHY["reason"]) and "support" in one["by"]
    page = house.page("support")
    assert "Asked to stop it" in page.get(parcel["url"]) and WHY["reason"] in page.html
    assert "wants USPS to stop it" in page.get(order_of(house, parcel)["url"])
    assert "Wants USPS to stop parcel" in page.html  # its timeline
    refused(house, house.api(), f"{parcel['url']}/intercept", WHY, "not_interceptable")


@pytest.mark.parametrize(("word", "end"), [("C-4711", "confirmed"), ("Refused", "refused")])
def test_its_case_is_settled_with_what_the_carrier_said(house: House, word: str, end: str) -> None:
    parcel = asked(house)
    case = only_case(house, parcel["url"])
    house.api().post(f"{case['url']}/retry", {"reason": "x"}, 409)
    house.api("ops_lead").post(f"{case['url']}/settle", {"reason": "On the phone", "external_id": word})
    assert status(house, parcel) == end and cases_of(house, parcel["url"]) == []
    if end == "confirmed":
        assert "C-4711" in house.page("support").get(parcel["url"])


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize(("scanned", "end"), [("return_to_sender", "stopped"), ("delivered", "delivered")])
def test_a_scan_ends_it(house: House, scanned: str, end: str, answered: bool) -> None:
    parcel = asked(house)
    case = only_case(house, parcel["url"])
    if answered:
        house.api().post(f"{case['url']}/settle", {"reason": "Asked", "external_id": "C-1"})
    house.later(3600)
    scan(house, parcel, scanned)
    assert status(house, parcel) == end
    now = house.api().get(case["url"])
    assert now["status"] == "resolved"
    if not answered:
        assert now["outcome"] == (
            "done: the parcel comes back" if end == "stopped" else "delivered all the same"
        )


def test_what_is_not_under_way_is_not_stopped(house: House) -> None:
    parcel = followed(house)
    said = refused(house, house.api(), f"{parcel['url']}/intercept", WHY, "not_interceptable")
    assert "ask the pharmacy to stop" in said
    house.later(3600)
    scan(house, parcel, "in_transit")
    scan(house, parcel, "delivered")
    refused(house, house.api(), f"{parcel['url']}/intercept", WHY, "not_interceptable")
    invalid(house, house.api(), f"{parcel['url']}/intercept", {}, "reason")


def test_who_may_and_once(house: House) -> None:
    parcel = moving(house)
    for role in ("clinician", "finance", "admin", "auditor", "shop"):
        denied(house, role, f"{parcel['url']}/intercept", WHY)
    first = house.api().post(f"{parcel['url']}/intercept", WHY, key="k")
    with nothing_written(house):
        assert house.api().post(f"{parcel['url']}/intercept", WHY, key="k") == first


def test_sam_has_one_stopped(house: House) -> None:
    parcel, sam = moving(house), house.page("support")
    assert f"{parcel['url']}/intercept" in sam.get(parcel["url"])
    assert "carriers are asked by a person" in sam.get(f"{parcel['url']}/intercept")
    sam.submit(f"{parcel['url']}/intercept", WHY)
    assert "somebody has to ask the carrier" in sam.html
