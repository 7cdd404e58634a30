"""How much a pharmacy takes a day, and whether orders go there."""

from __future__ import annotations

from ..fills.scenes import order, pharmacies, submitted
from ..house import House
from ..scenes import denied, invalid, nothing_written, refused


def test_capacity_is_set_and_lifted_and_today_is_counted(house: House) -> None:
    url = f"/pharmacies/{pharmacies(house)['truepill']}"
    submitted(house, order(house))
    house.api().post(f"{url}/limit", {"capacity": 40})
    found = house.api().get(url)
    assert (found["capacity"], found["fills_today"], found["active"]) == (40, 1, True)
    house.api().post(f"{url}/limit", {"unlimited": True})
    assert house.api().get(url)["capacity"] is None
    house.advance(86400)
    assert house.api().get(url)["fills_today"] == 0


def test_nothing_goes_to_one_that_does_not_work(house: House) -> None:
    ids = pharmacies(house)
    url = f"/pharmacies/{ids['truepill']}"
    seen = house.api().post(f"{url}/limit?preview=1", {"active": "no"}, 200)["preview"]
    assert seen["warnings"] == ["No order goes to Truepill from now on. Fills that are there go on."]
    house.api("admin").post(f"{url}/limit", {"active": "no"})
    assert submitted(house, order(house))["pharmacy"].endswith(ids["honeybee"])
    house.api().post(f"{url}/limit", {"active": "yes"})
    assert submitted(house, order(house, customer="two"))["pharmacy"].endswith(ids["truepill"])


def test_what_is_refused(house: House) -> None:
    url, api = f"/pharmacies/{pharmacies(house)['truepill']}/limit", house.api()
    refused(house, api, url, {}, "same_as_before")
    refused(house, api, url, {"active": "yes"}, "same_as_before")
    invalid(house, api, url, {"capacity": 5, "unlimited": True}, "capacity")
    invalid(house, api, url, {"capacity": 0}, "capacity")
    invalid(house, api, url, {"active": "perhaps"}, "active")


def test_who_may_not_may_not_and_a_second_click_is_one(house: House) -> None:
    url = f"/pharmacies/{pharmacies(house)['truepill']}/limit"
    for role in ("support", "clinician", "finance", "auditor", "shop"):
        denied(house, role, url, {"capacity": 5})
    first = house.api("ops_lead").post(url, {"capacity": 5}, key="k")
    with nothing_written(house):
        assert house.api("ops_lead").post(url, {"capacity": 5}, key="k") == first


def test_the_page_sets_it(house: House) -> None:
    url = f"/pharmacies/{pharmacies(house)['truepill']}"
    lee = house.page("ops_lead")
    lee.get(f"{url}/limit")
    lee.submit(f"{url}/limit", {"capacity": "12", "active": ""})
    assert lee.url == url and "12 fills" in lee.html
