"""Taking a replacement back, all of it, while nothing of it is outside."""

from __future__ import annotations

from ..fills.scenes import made_up
from ..house import House
from ..scenes import WINDOW, denied, nothing_written, refused
from .scenes import execute, lost, made_of, prescribed, replace, replaced


def test_all_of_it_is_taken_back(house: House) -> None:
    first = lost(house)
    found = replaced(house, first)
    house.api("support").post(f"{found['url']}/withdraw")
    made = made_of(house, found)
    after = house.api().get(found["url"])
    assert (after["status"], after["final"], made["status"]) == ("canceled", True, "canceled")
    assert house.api().get(made["fills"][0])["status"] == "withdrawn"
    house.later(WINDOW)
    assert made_up(house) == ["R0001"]
    assert replaced(house, first)["reference"] == "R0001-R2", "it can be replaced again"


def test_what_waits_for_a_prescription_is_taken_back_and_its_case_closed(house: House) -> None:
    prescribed(house, refills=0)
    found = replaced(house, lost(house))
    assert found["status"] == "awaiting_rx"
    house.api().post(f"{found['url']}/withdraw")
    assert house.api().get(found["url"])["status"] == "canceled"
    assert house.api().get(f"/cases?subject={found['url']}&status=open")["items"] == []


def test_canceling_the_order_cancels_the_replacement(house: House) -> None:
    found = replaced(house, lost(house))
    house.api().post(f"{found['new_order']}/cancel", {"reason": "mistake"})
    assert house.api().get(found["url"])["status"] == "canceled"


def test_once_the_pharmacy_has_it_it_is_too_late(house: House) -> None:
    found = replaced(house, lost(house))
    house.later(WINDOW)
    house.later(10)
    words = refused(house, house.api(), f"{found['url']}/withdraw", {}, "not_cancelable")
    assert "is asked to stop" in words
    house.later(8 * 3600)
    refused(house, house.api(), f"{found['url']}/withdraw", {}, "too_late")


def test_while_nobody_knows_whether_the_pharmacy_has_it_it_is_not_taken_back(house: House) -> None:
    found = replaced(house, lost(house))
    house.sandbox.fault(vendor="truepill", kind="lost_answer", method="POST /truepill/v1/orders")
    house.advance(WINDOW)
    house.work()
    refused(house, house.api(), f"{found['url']}/withdraw", {}, "not_withdrawable")


def test_the_second_click_changes_nothing(house: House) -> None:
    found = replaced(house, lost(house))
    api = house.api()
    done = api.post(f"{found['url']}/withdraw", {}, key="k")
    with nothing_written(house):
        assert api.post(f"{found['url']}/withdraw", {}, key="k") == done
    refused(house, api, f"{found['url']}/withdraw", {}, "already_called_off")


def test_who_may_not_gets_403(house: House) -> None:
    found = replaced(house, lost(house))
    for role in ("clinician", "finance", "auditor"):
        denied(house, role, f"{found['url']}/withdraw")


def test_what_was_taken_back_counts_for_nobody(house: House) -> None:
    first = lost(house)
    execute(house, "update replacement_policy set free_in_year = 1")
    for _ in "123":
        done = replace(house, first, role="support")
        house.api().post(f"{done['subject']}/withdraw")
