"""Carriers scan parcels, late and in any order: where each stands, and its order with it."""

from __future__ import annotations

from typing import Any

import pytest

from ..house import House
from ..scenes import cases_of, only_case
from .scenes import followed, order_of, packed, scan, stands


def reasons(house: House, parcel: Any) -> set[str]:
    return {case["reason"] for case in cases_of(house, parcel["url"])}


def test_a_parcel_goes_the_usual_way_and_its_order_with_it(house: House) -> None:
    parcel = followed(house, "usual", packed(house, "submitted"))
    for _ in range(5):
        house.later(24 * 3600)
    parcel = house.api().get(parcel["url"])
    order = order_of(house, parcel)
    assert (parcel["status"], order["status"], reasons(house, parcel)) == ("delivered", "delivered", set())
    moves = [row.after for row in house.rows("select after from status_moves where record_id = :id order by at, id",
                                             id=order["id"])]  # fmt: skip
    assert moves[-3:] == ["at_pharmacy", "shipped", "delivered"]


@pytest.mark.parametrize("plan", ["late_scans", "out_of_order"])
def test_late_scans_come_to_the_same_end(house: House, plan: str) -> None:
    parcel = followed(house, plan)
    seen = []
    for _ in range(6):
        house.later(24 * 3600)
        seen.append(house.api().get(parcel["url"])["status"])
    assert seen[-1] == "delivered" and order_of(house, parcel)["status"] == "delivered"
    rank = ["label_created", "in_transit", "out_for_delivery", "delivered"]
    assert [rank.index(one) for one in seen] == sorted(rank.index(one) for one in seen), "it went back"
    scans = house.api().get(parcel["url"])["scans"]
    assert [one["at"] for one in scans] == sorted(one["at"] for one in scans)


def test_what_was_delivered_and_comes_back_is_a_case(house: House) -> None:
    parcel = followed(house, "delivered_then_returned")
    house.later(90 * 3600)
    assert order_of(house, parcel)["status"] == "delivered"
    house.later(45 * 3600)
    assert house.api().get(parcel["url"])["status"] == "returning"
    assert reasons(house, parcel) == {"parcel_exception", "parcel_came_back"}
    house.later(90 * 3600)
    assert (house.api().get(parcel["url"])["status"], order_of(house, parcel)["status"]) == (
        "returned",
        "returned",
    )


def test_trouble_is_a_case_at_once_and_ends_when_the_parcel_goes_on(house: House) -> None:
    parcel = followed(house)
    house.later(20 * 3600)
    scan(house, parcel, "failure", detail="missorted")
    case = only_case(house, parcel["url"])
    assert (case["reason"], "missorted" in case["says"]) == ("parcel_exception", True)
    house.later(3600)
    parcel = scan(house, parcel, "in_transit")
    assert (parcel["status"], parcel["exception_code"], cases_of(house, parcel["url"])) == (
        "in_transit",
        None,
        [],
    )


def test_a_dismissed_case_is_not_opened_again_for_the_same(house: House) -> None:
    parcel = followed(house)
    house.later(3600)
    scan(house, parcel, "failure", detail="damaged")
    house.api().post(f"{only_case(house, parcel['url'])['url']}/dismiss", {"reason": "Replaced"})
    house.later(3600)
    scan(house, parcel, "failure", detail="damaged")
    assert cases_of(house, parcel["url"]) == []
    house.later(3600)
    scan(house, parcel, "return_to_sender")
    assert "on its way back" in only_case(house, parcel["url"])["says"]


def test_a_new_word_is_a_case_until_a_known_one_follows(house: House) -> None:
    parcel = followed(house)
    house.later(3600)
    parcel = scan(house, parcel, "NewStatusX")
    assert parcel["status"] == "unknown" and "NewStatusX" in only_case(house, parcel["url"])["says"]
    assert house.rows("select count(*) from inbox_events where status = 'manual_intervention'")[0][0] == 0
    house.later(3600)
    parcel = scan(house, parcel, "out_for_delivery")
    assert (parcel["status"], cases_of(house, parcel["url"])) == ("out_for_delivery", [])


def test_scans_older_than_the_label_are_of_another_parcel(house: House) -> None:
    parcel = followed(house)
    house.later(3600)
    parcel = scan(house, parcel, "delivered", hours_ago=24 * 200)
    assert (parcel["status"], len(parcel["scans"])) == ("label_created", 1)
    parcel = scan(house, parcel, "in_transit")
    assert parcel["status"] == "in_transit"


def test_an_order_that_cannot_go_where_its_parcel_went_is_a_case(house: House) -> None:
    for status in ("ready", "on_hold", "canceled"):
        parcel = followed(house, order=packed(house, customer=status))
        stands(house, order_of(house, parcel), status)
        parcel = scan(house, parcel, "in_transit")
        assert order_of(house, parcel)["status"] == status
        assert only_case(house, parcel["url"])["reason"] == "parcel_order_mismatch"
    stands(house, order_of(house, parcel), "shipped")
    scan(house, parcel, "out_for_delivery")
    assert cases_of(house, parcel["url"]) == []


def test_an_order_of_two_parcels_has_arrived_with_the_last(house: House) -> None:
    order = packed(house)
    first, second = followed(house, order=order), followed(house, order=order)
    house.later(3600)
    scan(house, first, "delivered")
    assert order_of(house, first)["status"] == "shipped"
    scan(house, second, "delivered")
    assert order_of(house, first)["status"] == "delivered"


def test_a_parcel_that_is_none_of_ours_is_ignored(house: House) -> None:
    house.sandbox_app.test_client().post(
        "/easypost/v2/trackers",
        json={"tracker": {"tracking_code": "9400111206206406260787", "carrier": "USPS"}},
        auth=("EZTK_house", ""),
    )
    house.drain()
    [row] = house.rows("select status from inbox_events where source = 'easypost'")
    assert row.status == "ignored"
