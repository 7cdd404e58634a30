"""Changing one's own note: every version of it stays readable."""

from __future__ import annotations

from ..house import House
from ..scenes import denied, nothing_written, refused
from .test_note import note


def test_it_says_something_else_and_what_it_said_stays(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    url = note(house, order["url"], "First @lee")
    api.post(f"{url}/edit", {"text": "Second @lee @finn", "phi": True})
    said = api.get(url)
    assert (said["text"], said["version"], said["phi"]) == ("Second @lee @finn", 2, True)
    assert [(one["number"], one["text"]) for one in said["versions"]] == [
        (1, "First @lee"),
        (2, "Second @lee @finn"),
    ]
    assert said["told"] == ["Lee Okafor"]  # Finn may not read health details
    other = house.api("ops_lead").get(url)
    assert [one["text"] for one in other["versions"]] == [None, None]


def test_the_page_offers_it_with_what_it_says_now(house: House) -> None:
    order, sam = house.order("60.00"), house.page("support")
    sam.get(order["url"])
    sam.submit(f"{order['url']}/note", {"text": "As it was"})
    [item] = house.api().get(f"/notes?subject={order['id']}")["items"]
    assert "As it was</textarea>" in sam.get(f"{item['url']}/edit")
    sam.submit(f"{item['url']}/edit", {"text": "As it is"})
    assert sam.url == item["url"] and "As it was" in sam.html and "Version 1" in sam.html
    assert "changed" in sam.get(order["url"]) and "As it was" not in sam.html


def test_only_its_author_may_and_only_when_something_changes(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    url = note(house, order["url"], "Mine")
    words = refused(house, house.api("support"), f"{url}/edit", {"text": "Yours"}, "not_author")
    assert "token demo wrote this note" in words
    refused(house, api, f"{url}/edit", {"text": " Mine "}, "nothing_changed", "text")
    denied(house, "auditor", f"{url}/edit", {"text": "Mo's"})


def test_a_second_click_changes_nothing(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    url = note(house, order["url"], "One")
    first = api.post(f"{url}/edit", {"text": "Two"}, key="k")
    with nothing_written(house):
        assert api.post(f"{url}/edit", {"text": "Two"}, key="k") == first


def test_a_preview_holds_when_it_is_done(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    url = note(house, order["url"], "One")
    with nothing_written(house):
        seen = api.post(f"{url}/edit?preview=1", {"text": "Two @lee"}, 200)["preview"]
    api.post(f"{url}/edit", {"text": "Two @lee"}, match=seen["hash"])
