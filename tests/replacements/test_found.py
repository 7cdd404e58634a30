"""What was replaced because it did not arrive arrives after all: one case, however often carriers tell."""

from __future__ import annotations

from typing import Any

from ..house import House
from ..scenes import WINDOW, cases_of, only_case
from ..shipments.scenes import scan
from .scenes import execute, lost, made_of, replace, replaced, with_photo


def parcel(house: House, order: Any) -> Any:
    [found] = house.api().get(f"/shipments?order={order['id']}")["items"]
    return found


def all_cases(house: House) -> list[str]:
    return [case["reason"] for case in house.api().get("/cases?status=open")["items"]]


def test_one_case_that_says_what_to_do(house: House) -> None:
    first = lost(house)
    box = parcel(house, first)
    scan(house, box, "in_transit", hours_ago=3)
    house.api().post(f"{box['url']}/mark_lost", {"reason": "Nobody finds it"})
    found = replaced(house, first)
    scan(house, box, "delivered")
    case = only_case(house, found["url"])
    assert case["reason"] == "replaced_parcel_arrived"
    assert "after all" in case["says"] and "never goes back into stock" in case["says"]
    assert case["suggests"]["act"] == "replacements.withdraw"
    assert "lost_parcel_arrived" not in all_cases(house), "one thing is one case"
    assert house.api().get(found["url"])["original_arrived_at"]
    house.api().post(f"{case['url']}/dismiss", {"reason": "They keep both"})
    for _ in "12":
        scan(house, box, "delivered")
    assert cases_of(house, found["url"]) == []
    says = [entry["says"] for entry in house.api().get(f"{found['new_order']}/timeline")["items"]]
    assert any(one.startswith("Parcel ") and one.endswith("delivered") for one in says), says


def test_at_the_pharmacy_it_suggests_to_stop_it_there_and_shipped_to_tell(house: House) -> None:
    first = lost(house)
    box, found = parcel(house, first), replaced(house, first)
    house.later(WINDOW)
    house.later(10)
    scan(house, box, "delivered")
    assert only_case(house, found["url"])["suggests"]["act"] == "fills.cancel"


def test_what_arrived_broken_has_arrived_anyway(house: House) -> None:
    first = lost(house)
    box = parcel(house, first)
    found = replaced(house, first, "damaged", photos=with_photo(house, first))
    scan(house, box, "delivered")
    assert cases_of(house, found["url"]) == []


def test_of_what_was_called_off_nobody_has_two(house: House) -> None:
    first = lost(house)
    box = parcel(house, first)
    scan(house, box, "in_transit", hours_ago=3)
    house.api().post(f"{box['url']}/mark_lost", {"reason": "Nobody finds it"})
    done = replace(house, first)
    house.api().post(f"{done['subject']}/withdraw")
    scan(house, box, "delivered")
    assert cases_of(house, done["subject"]) == []
    assert cases_of(house, box["url"])[0]["reason"] == "lost_parcel_arrived"


def test_the_first_parcels_case_ends_when_the_new_one_has_left(house: House) -> None:
    first = lost(house)
    box = parcel(house, first)
    scan(house, box, "in_transit", hours_ago=3)
    house.api().post(f"{box['url']}/mark_lost", {"reason": "Nobody finds it"})
    case = only_case(house, box["url"])
    assert case["suggests"]["act"] == "replacements.issue"
    found = replaced(house, first)
    assert cases_of(house, box["url"]), "it may still be taken back"
    house.later(WINDOW)
    house.later(8 * 3600)
    assert house.api().get(found["url"])["status"] == "shipped"
    assert cases_of(house, box["url"]) == []


def test_a_parcel_that_came_back_and_was_replaced_asks_for_no_refund(house: House) -> None:
    first = lost(house)
    execute(house, "update orders set status = 'returned'")
    assert house.api().get(first["url"])["ball"]["who"] == "us"
    found = replaced(house, first, "returned_to_sender")
    assert house.api().get(first["url"])["ball"]["who"] == "nobody" and made_of(house, found)
