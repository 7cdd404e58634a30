"""A parcel travels by another label: it is followed by that, and the customer is told once."""

from __future__ import annotations

from ..house import House
from ..messages.scenes import written_to
from ..scenes import denied, invalid, nothing_written, refused
from .scenes import code, followed, packed, scan


def known(house: House) -> dict[str, str]:
    """A parcel of a customer whom the CRM knows."""
    order = packed(house)
    house.contact(order["customer"].rsplit("/", 1)[-1], "cust-1@example.test")
    return dict(followed(house, order=order))


def test_another_carrier_is_followed_and_told_in_one_message(house: House) -> None:
    parcel = known(house)
    house.later(3600)
    parcel = scan(house, parcel, "in_transit")
    asked = {
        "carrier": "UPS",
        "tracking_code": code(),
        "service": "Ground",
        "reason": "The pharmacy changed it",
    }
    done = house.api("support").post(f"{parcel['url']}/relabel", asked, key="k1")
    assert house.api("support").post(f"{parcel['url']}/relabel", asked, key="k1") == done
    house.drain()
    house.later(5)
    moved = house.api().get(parcel["url"])
    assert (moved["carrier"], moved["service"], moved["status"]) == ("UPS", "Ground", "label_created")
    assert moved["external_id"] not in (None, parcel["external_id"])
    assert len(moved["scans"]) == 1, "the old label's scans count no more"
    assert written_to(house) == [("cust-1@example.test", "tracking_changed")]
    scan(house, parcel, "delivered")  # what the old label still tells
    assert house.api().get(parcel["url"])["status"] == "label_created"
    assert scan(house, moved, "in_transit")["status"] == "in_transit"
    refused(house, house.api(), f"{parcel['url']}/relabel", asked, "same_label", "tracking_code")
    assert len(house.sandbox.ledger("tracker")) == 2 and len(written_to(house)) == 1


def test_what_arrived_gets_no_other_label(house: House) -> None:
    parcel = known(house)
    parcel = scan(house, parcel, "delivered")
    asked = {"carrier": "UPS", "tracking_code": code(), "reason": "x"}
    refused(house, house.api(), f"{parcel['url']}/relabel", asked, "already_there")


def test_it_needs_the_right_and_what_stands_on_the_label(house: House) -> None:
    parcel = known(house)
    url, asked = f"{parcel['url']}/relabel", {"carrier": "UPS", "tracking_code": code(), "reason": "x"}
    for role in ("finance", "clinician", "shop"):
        denied(house, role, url, asked)
    invalid(house, house.api(), url, {"carrier": "UPS", "tracking_code": "?", "reason": "x"}, "tracking_code")
    with nothing_written(house):
        preview = house.api().post(f"{url}?preview=1", asked, 200)["preview"]
    assert [promise["to"] for promise in preview["promises"]] == ["tracking", "crm"]
    sam = house.page()
    assert "one e-mail" in sam.get(url)
    sam.submit(url, {**asked, "service": ""})
    assert "followed by its new label" in sam.html


def test_one_message_and_one_tracker_also_when_every_answer_is_lost(house: House) -> None:
    """Another carrier, told to vendors that take everything in and say nothing."""
    parcel = known(house)
    for vendor in ("customerio", "easypost"):
        house.sandbox.fault(vendor=vendor, kind="lost_answer", method="POST *", times=3)
        house.sandbox.fault(vendor=vendor, kind="duplicate", method="webhook")
    new = code()
    asked = {"carrier": "FedEx", "tracking_code": new, "reason": "The pharmacy changed it"}
    house.api("support").post(f"{parcel['url']}/relabel", asked)
    for _ in range(5):
        house.later(60)
    assert written_to(house) == [("cust-1@example.test", "tracking_changed")]
    trackers = [entry["metadata"] for entry in house.sandbox.ledger("tracker")]
    assert len(trackers) == 2, trackers
    assert house.api().get(parcel["url"])["external_id"] not in (None, parcel["external_id"])
