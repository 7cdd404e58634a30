"""The customer wants the money instead."""

from __future__ import annotations

import re

from ..fills.scenes import made_up
from ..house import House
from ..scenes import WINDOW, denied, nothing_written, refused
from .scenes import lost, made_of, replaced


def test_it_is_called_off_and_leads_to_the_refund(house: House) -> None:
    first = lost(house)
    found = replaced(house, first)
    sam = house.page()
    sam.get(f"{found['url']}/convert")
    page = sam.submit(f"{found['url']}/convert", {})
    assert sam.url == f"{first['url']}/refund"
    assert re.search(r'<option selected value="never_arrived"', page)
    assert house.api().get(found["url"])["status"] == "converted_to_refund"
    assert made_of(house, found)["status"] == "canceled"
    house.later(WINDOW)
    assert made_up(house) == ["R0001"] and house.sandbox.ledger("refund") == []


def test_once_the_pharmacy_has_stopped(house: House) -> None:
    found = replaced(house, lost(house))
    house.later(WINDOW)
    house.later(10)
    words = refused(house, house.api(), f"{found['url']}/convert", {}, "not_cancelable")
    assert "asked to stop" in words
    [fill] = made_of(house, found)["fills"]
    house.api().post(f"{fill}/cancel", {"reason": "customer_asked"})
    house.drain()  # the pharmacy decides a moment later
    house.later(30)
    assert house.api().get(found["url"])["status"] == "canceled"
    house.api().post(f"{found['url']}/convert")
    assert house.api().get(found["url"])["status"] == "converted_to_refund"


def test_what_has_left_is_not_called_off(house: House) -> None:
    found = replaced(house, lost(house))
    house.later(WINDOW)
    house.later(8 * 3600)
    refused(house, house.api(), f"{found['url']}/convert", {}, "too_late")


def test_who_may_not_gets_403_and_the_second_click_changes_nothing(house: House) -> None:
    found = replaced(house, lost(house))
    denied(house, "finance", f"{found['url']}/convert")
    api = house.api()
    done = api.post(f"{found['url']}/convert", {}, key="k")
    with nothing_written(house):
        assert api.post(f"{found['url']}/convert", {}, key="k") == done
    refused(house, api, f"{found['url']}/convert", {}, "already_called_off")
