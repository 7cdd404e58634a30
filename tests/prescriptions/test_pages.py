"""Prescriptions as people and programs see them: read from the mirror, changed nowhere here."""

from __future__ import annotations

from ..gates.scenes import order, prescribed, served
from ..house import House


def test_the_list_and_the_page_tell_what_can_still_be_filled(house: House) -> None:
    served(house)
    made = order(house)
    rx = prescribed(house, refills=2, used=1)
    old = prescribed(house, days=-3, status="expired", external_id="rx-old")
    api = house.api()
    assert {one["id"] for one in api.get(f"/prescriptions?customer={made['customer']}")["items"]} == {rx, old}
    assert [one["id"] for one in api.get("/prescriptions?status=expired")["items"]] == [old]
    told = api.get(f"/prescriptions/{rx}")
    assert (told["refills_authorised"], told["fills_used"], told["fills_left"]) == (2, 1, 2)
    assert told["drug"] == "Tretinoin 0.05 % cream" and told["provider"].startswith("/providers/prv_")
    page = house.page("clinician").get(f"/prescriptions/{rx}")
    assert "2 of 3" in page and "Tretinoin 0.05 % cream" in page and "Dr. Ada Lindqvist" in page
    assert "over" in house.page("clinician").get("/prescriptions")


def test_what_was_prescribed_is_masked_for_support(house: House) -> None:
    served(house)
    order(house)
    rx = prescribed(house)
    assert "Tretinoin" not in house.page("support").get(f"/prescriptions/{rx}")
    told = house.api("support").get(f"/prescriptions/{rx}")
    assert told["drug"] is None and told["sig"] is None and told["masked"] == ["drug", "sig"]


def test_it_tells_of_its_fills(house: House) -> None:
    served(house)
    made = order(house)
    rx = prescribed(house)
    fill = house.api().post(f"{made['url']}/submit", {})["subject"]
    assert fill in house.page("support").get(f"/prescriptions/{rx}")
