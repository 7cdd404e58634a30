"""A declared outage ends when somebody says so: what was held goes out, a few first, each lane in its order."""

from __future__ import annotations

from ..house import House
from ..scenes import WINDOW, denied, issue, nothing_written, paid_back, refused
from .scenes import declared, only, pass_time, reasons, stripe_down


def test_what_was_held_goes_out_in_order(house: House) -> None:
    order = house.order("60.00")
    url = declared(house)["subject"]
    for amount in ("1.00", "2.00", "3.00"):
        issue(house, order, amount)
    pass_time(house, WINDOW)
    house.api().post(f"{url}/end", {"reason": "They said so"})
    assert only(house)["status"] == "draining" and only(house)["waits"]["of"] == 3
    pass_time(house, 1, 61)
    assert paid_back(house) == [100, 200, 300] and only(house)["status"] == "over" and reasons(house) == []


def test_only_what_was_declared_is_ended(house: House) -> None:
    stripe_down(house)
    url = only(house)["url"]
    words = refused(house, house.api(), f"{url}/end", {"reason": "It must be"}, "not_declared")
    assert "by itself" in words


def test_who_may(house: House) -> None:
    url = declared(house)["subject"]
    for role in ("support", "clinician", "finance", "auditor", "shop"):
        denied(house, role, f"{url}/end", {"reason": "Back"})


def test_the_second_click_changes_nothing(house: House) -> None:
    url = declared(house)["subject"]
    first = house.api().post(f"{url}/end", {"reason": "Back"}, key="once")
    with nothing_written(house):
        assert house.api().post(f"{url}/end", {"reason": "Back"}, key="once") == first
    refused(house, house.api(), f"{url}/end", {"reason": "Back"}, "not_declared")


def test_a_vendor_that_is_not_back_stays_an_incident(house: House) -> None:
    stripe_down(house)
    url = declared(house)["subject"]
    house.api().post(f"{url}/end", {"reason": "They said so"})
    one = only(house)
    assert (one["status"], one["holds"], one["signs"]) == ("open", False, ["breaker"])
    pass_time(house, 31, 31)
    assert only(house)["status"] == "open" and paid_back(house) == [] and reasons(house) == ["vendor_down"]
