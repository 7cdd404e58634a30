"""Pinning a note to the top of a page, and taking it down."""

from __future__ import annotations

from ..house import House
from ..scenes import denied, nothing_written, refused
from .test_note import note


def test_it_stands_at_the_top_until_it_is_taken_down(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    url = note(house, order["url"], "Ring twice")
    sam = house.page("support")
    assert '<article class="pinned">' not in sam.get(order["url"])
    sam.get(f"{url}/pin")
    sam.submit(f"{url}/pin", {})
    assert sam.url == order["url"] and '<article class="pinned">' in sam.html
    assert sam.html.index("Ring twice") < sam.html.index("What was bought")
    assert sam.html.count("Ring twice") == 2  # and in the story
    api.post(f"{url}/unpin")
    assert '<article class="pinned">' not in sam.get(order["url"]) and "Ring twice" in sam.html


def test_what_is_so_already_is_refused(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    url = note(house, order["url"], "Ring twice")
    refused(house, api, f"{url}/unpin", {}, "not_pinned")
    first = api.post(f"{url}/pin", key="k")
    with nothing_written(house):
        assert api.post(f"{url}/pin", key="k") == first
    refused(house, api, f"{url}/pin", {}, "already_pinned")


def test_who_has_no_right_pins_nothing(house: House) -> None:
    order = house.order("60.00")
    url = note(house, order["url"], "Ring twice")
    denied(house, "auditor", f"{url}/pin")
    denied(house, "admin", f"{url}/unpin")
