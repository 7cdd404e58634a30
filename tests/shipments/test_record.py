"""A parcel has its label: it is noted and followed, once."""

from __future__ import annotations

import pytest

from opsconsole import vendors
from opsconsole.sandbox.easypost import trackers

from ..house import House
from ..scenes import cases_of, denied, invalid, only_case, refused
from .scenes import FOLLOWING, code, followed, order_of, packed, record, stands


def test_a_recorded_parcel_is_followed_and_found(house: House) -> None:
    order = packed(house)
    number = code()
    done = record(house, order, tracking_code=f"{number[:4]} {number[4:]}", service="Priority", fill="RX-9",
                  promised_on="2030-01-02")  # fmt: skip
    house.drain()
    parcel = house.api().get(done["subject"])
    assert (parcel["tracking_code"], parcel["carrier"], parcel["service"]) == (number, "USPS", "Priority")
    assert (parcel["fill"], parcel["promised_on"], parcel["status"]) == (
        "RX-9",
        "2030-01-02",
        "label_created",
    )
    assert parcel["external_id"].startswith("trk_") and parcel["raw_status"] == "pre_transit"
    assert [scan["status"] for scan in parcel["scans"]] == ["label_created"]
    assert parcel["order"] == order["url"] and order_of(house, parcel)["status"] == "at_pharmacy"
    [entry] = house.sandbox.ledger("tracker")
    assert entry["metadata"] == {"tracking_code": number, "carrier": "USPS"}
    page = house.page()
    assert number in page.get(order["url"])
    assert parcel["url"] in str(house.api().get(f"/search?q={number[:10]}+{number[10:]}"))
    assert number in page.get(parcel["url"]) and "Shipping label created" in page.html
    assert parcel["url"] in page.get("/shipments?carrier=USPS&status=label_created")
    assert parcel["url"] not in page.get("/shipments?late=yes")


def test_it_is_recorded_on_a_page_without_a_script(house: House) -> None:
    order = packed(house)
    lee = house.page("ops_lead")
    assert "Tracking number" in lee.get(f"{order['url']}/shipment")
    number = code()
    lee.submit(f"{order['url']}/shipment", {"carrier": "UPS", "tracking_code": number, "service": "", "fill": "",
                                            "promised_on": "", "labelled_at": ""})  # fmt: skip
    assert number in lee.html
    lee.get(f"{order['url']}/shipment")
    lee.submit(f"{order['url']}/shipment", {"carrier": "UPS", "tracking_code": "short"}, 422)
    assert "8 to 40 letters" in lee.html


def test_an_order_of_which_nothing_can_be_packed_is_refused(house: House) -> None:
    order = packed(house, "awaiting_payment")
    asked = {"carrier": "USPS", "tracking_code": code()}
    refused(house, house.api(), f"{order['url']}/shipment", asked, "not_shippable")
    stands(house, order, "canceled")
    refused(house, house.api(), f"{order['url']}/shipment", asked, "not_shippable")


def test_a_number_is_of_one_parcel_until_it_may_be_used_again(house: House) -> None:
    parcel = followed(house)
    other = packed(house, customer="cust-2")
    asked = {"carrier": "USPS", "tracking_code": parcel["tracking_code"]}
    refused(house, house.api(), f"{other['url']}/shipment", asked, "code_taken", "tracking_code")
    record(house, other, carrier="UPS", tracking_code=parcel["tracking_code"])
    house.later(121 * 86400)
    record(house, packed(house, customer="cust-3"), tracking_code=parcel["tracking_code"])
    house.drain()
    assert len(house.sandbox.ledger("tracker")) == 3


def test_what_is_no_label_is_told_beside_its_field(house: House) -> None:
    url, api = f"{packed(house)['url']}/shipment", house.api()
    invalid(house, api, url, {"carrier": "USPS", "tracking_code": "no number!"}, "tracking_code")
    invalid(house, api, url, {}, "carrier", "tracking_code")
    late = {"carrier": "USPS", "tracking_code": code(), "labelled_at": "2050-01-01T00:00:00Z"}
    invalid(house, api, url, late, "labelled_at")
    invalid(
        house, api, url, {"carrier": "USPS", "tracking_code": code(), "labelled_at": "soon"}, "labelled_at"
    )


def test_a_role_without_the_right_is_denied(house: House) -> None:
    order = packed(house)
    for role in ("support", "finance", "auditor"):
        denied(house, role, f"{order['url']}/shipment", {"carrier": "USPS", "tracking_code": code()})


def test_the_second_click_changes_nothing(house: House) -> None:
    order = packed(house)
    asked = {"carrier": "USPS", "tracking_code": code()}
    first = house.api().post(f"{order['url']}/shipment", asked, key="k1")
    again = house.api().post(f"{order['url']}/shipment", asked, key="k1")
    house.drain()
    assert again == first and len(house.sandbox.ledger("tracker")) == 1
    assert len(house.api().get(f"/shipments?order={order['id']}")["items"]) == 1


def test_the_vendors_no_is_a_case_and_the_label_can_be_put_right(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = packed(house)
    monkeypatch.delitem(trackers.CARRIERS, "ontrac")
    done = record(house, order, carrier="OnTrac", tracking_code=code())
    house.drain()
    case = only_case(house, done["subject"])
    assert case["reason"] == "vendor_rejected" and "not supported" in case["says"]
    house.api().post(f"{case['url']}/retry", {"reason": "Wrong carrier", "fix": {"carrier": "UPS"}})
    house.drain()
    parcel = house.api().get(done["subject"])
    assert (parcel["carrier"], parcel["raw_status"]) == ("UPS", "pre_transit")
    assert cases_of(house, done["subject"]) == []


def test_an_answer_that_was_lost_is_one_watch(house: House) -> None:
    house.sandbox.fault(kind="lost_answer", method=FOLLOWING, vendor="easypost", times=1)
    done = record(house, packed(house))
    house.drain()
    house.later(40)
    parcel = house.api().get(done["subject"])
    assert parcel["external_id"] and len(house.sandbox.ledger("tracker")) == 1


def test_where_nothing_follows_parcels_the_act_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    order = packed(house)
    monkeypatch.delitem(vendors._ports, "tracking")
    asked = {"carrier": "USPS", "tracking_code": code()}
    refused(house, house.api(), f"{order['url']}/shipment", asked, "no_tracker")
