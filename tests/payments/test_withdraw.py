"""Undoing a charge of the saved card: within its window nobody is asked, after it, it is too late."""

from __future__ import annotations

from ..house import House
from ..scenes import WINDOW, denied, nothing_written, refused
from .card_scenes import charged, collect, unpaid, with_card


def test_within_the_window_no_card_is_charged(house: House) -> None:
    with_card(house)
    order, api = unpaid(house), house.api()
    done = api.post(f"{order['url']}/collect", {})
    undone = api.post(done["undo"], key="undo")
    assert (undone["act"], undone["status"], undone["undo"]) == ("payments.withdraw", "withdrawn", None)
    with nothing_written(house):
        assert api.post(done["undo"], key="undo") == undone
    assert refused(house, api, done["undo"], {}, "already_withdrawn") == "This was undone already."
    house.later(WINDOW)
    assert (api.get(order["url"])["status"], charged(house)) == ("awaiting_payment", [])
    collect(house, order)
    house.later(WINDOW)
    assert charged(house) == [6000]


def test_once_stripe_was_asked_it_is_too_late(house: House) -> None:
    with_card(house)
    order, api = unpaid(house), house.api()
    planned = collect(house, order)
    house.later(WINDOW)
    assert "too late" in refused(house, api, f"{planned['url']}/withdraw", {}, "not_withdrawable")


def test_canceling_the_order_calls_it_off(house: House) -> None:
    with_card(house)
    order, api = unpaid(house), house.api()
    planned = collect(house, order)
    api.post(f"{order['url']}/cancel", {"reason": "customer_request"})
    assert api.get(planned["url"])["status"] == "withdrawn"
    house.later(WINDOW)
    assert charged(house) == []


def test_who_may_undo(house: House) -> None:
    with_card(house)
    planned = collect(house, unpaid(house))
    for role in ("auditor", "finance", "shop", "admin", "clinician"):
        denied(house, role, f"{planned['url']}/withdraw")
    sam = house.page("support")
    sam.get(planned["url"])
    assert "undone" in sam.submit(f"{planned['url']}/withdraw", {})
