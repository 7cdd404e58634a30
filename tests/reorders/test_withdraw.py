"""Undoing a reorder: within its window nothing was charged and the new order is canceled; after it, it is too late."""

from __future__ import annotations

from ..house import House
from ..payments.card_scenes import charged
from ..scenes import WINDOW, denied, nothing_written, refused
from .scenes import bought, reorder


def test_within_the_window_nothing_is_charged_and_the_order_is_canceled(house: House) -> None:
    old, api = bought(house), house.api()
    done = api.post(f"{old['url']}/reorder", {})
    undone = api.post(done["undo"], key="undo")
    assert (undone["act"], undone["status"]) == ("reorders.withdraw", "canceled")
    with nothing_written(house):
        assert api.post(done["undo"], key="undo") == undone
    refused(house, api, done["undo"], {}, "already_withdrawn")
    house.later(WINDOW)
    new = api.get(done["subject"])
    assert charged(house) == [] and api.get(new["collections"][0])["status"] == "withdrawn"
    again = reorder(house, old)
    assert again["reference"] == f"{old['reference']}-3"


def test_once_the_card_may_have_been_charged_it_is_too_late(house: House) -> None:
    old, api = bought(house), house.api()
    new = reorder(house, old)
    house.later(WINDOW)
    assert "too late" in refused(house, api, f"{new['url']}/withdraw", {}, "not_withdrawable")
    refused(house, api, f"{old['url']}/withdraw", {}, "not_withdrawable")
    assert charged(house) == [6900]


def test_who_may_undo(house: House) -> None:
    new = reorder(house, bought(house))
    for role in ("auditor", "finance", "shop", "admin", "clinician"):
        denied(house, role, f"{new['url']}/withdraw")
    sam = house.page("support")
    sam.get(new["url"])
    assert "nothing is charged" in sam.submit(f"{new['url']}/withdraw", {})
