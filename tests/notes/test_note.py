"""Writing a note on anything, and calling colleagues to it."""

from __future__ import annotations

import pytest

from opsconsole.services import CONSOLE, staff

from ..house import PEOPLE, House
from ..scenes import declined, denied, invalid, nothing_written

ADA = "Ada Lindqvist"
SECRET = "Rash after the tretinoin"


def note(house: House, url: str, text: str, role: str = "demo", **more: object) -> str:
    """The URL of a new note."""
    return str(house.api(role).post(f"{url}/note", {"text": text, **more})["subject"])


def mentions(house: House, role: str) -> str:
    """What the frame of that person's pages says of mentions."""
    page = house.page(role).get("/search")
    return page.split('href="/mentions" aria-label="')[1].split('"')[0]


def test_it_stands_on_the_thing_and_on_all_that_it_belongs_to(house: House) -> None:
    order, refund, case = declined(house)
    customer = house.api().get(order["customer"])
    payment = order["payments"][0]
    things = [customer["url"], order["url"], payment, refund["url"], case["url"]]
    for number, url in enumerate(things):
        said = house.api().get(note(house, url, f"  Note {number}\r\nof mine "))
        assert (said["text"], said["subject"], said["by"]) == (f"Note {number}\nof mine", url, "token demo")
        assert [one["id"] for one in house.api().get(f"/notes?subject={url}")["items"]] == [said["id"]]
    page = house.page().get(customer["url"])
    assert all(f"Note {number}" in page for number in range(5))
    page = house.page().get(refund["url"])
    assert "Note 3" in page and "Note 4" in page and "Note 1" not in page


def test_the_box_on_the_page_writes_it_without_a_preview_and_a_second_click_changes_nothing(
    house: House,
) -> None:
    order, sam = house.order("60.00"), house.page("support")
    sam.get(order["url"])
    before = sam.html
    sam.submit(f"{order['url']}/note", {"text": "Called back, all is well"})
    assert sam.url == order["url"] and "The note is written." in sam.html
    assert "Called back, all is well" in sam.html
    sam.html = before
    with nothing_written(house):
        sam.submit(f"{order['url']}/note", {"text": "Called back, all is well"})


def test_nothing_and_too_much_are_refused(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    for text in ("", " \n ", "x" * 4001):
        invalid(house, api, f"{order['url']}/note", {"text": text}, "text")
    api.post("/orders/ord_none/note", {"text": "Hello"}, 404)


def test_who_has_no_right_writes_none(house: House) -> None:
    order = house.order("60.00")
    for noun in (order["url"], order["customer"], order["payments"][0]):
        denied(house, "auditor", f"{noun}/note", {"text": "Hello"})
    denied(house, "clinician", f"{order['payments'][0]}/note", {"text": "Hello"})
    denied(house, "shop", f"{order['url']}/note", {"text": "Hello"})


def test_whom_it_calls_is_told_once_and_it_is_read_once_opened(house: House) -> None:
    order = house.order("60.00")
    assert mentions(house, "ops_lead") == "Mentions"
    seen = house.api().post(f"{order['url']}/note?preview=1", {"text": "@Lee, @lee: @sam asks."}, 200)
    told = [one["to"] for one in seen["preview"]["changes"] if one["on"] == "mention"]
    assert told == ["Lee Okafor", "Sam Rivera"] and "warnings" not in seen["preview"]
    sam = house.page("support")
    sam.get(order["url"])
    sam.submit(f"{order['url']}/note", {"text": "@lee. Look at this, I am @sam; jo@ada.test"})
    assert mentions(house, "ops_lead") == "Mentions: 1 new" and mentions(house, "support") == "Mentions"
    lee = house.page("ops_lead")
    assert f"Order {order['reference']}" in lee.get("/mentions") and "Look at this" in lee.html
    assert mentions(house, "ops_lead") == "Mentions" and "Look at this" in lee.get("/mentions")
    assert house.api().get("/mentions")["items"] == []


def test_who_cannot_see_it_is_not_told_and_the_preview_warns(house: House) -> None:
    _, refund, _ = declined(house)
    url, text = f"{refund['url']}/note", "@ada @nobody please look"
    seen = house.api().post(f"{url}?preview=1", {"text": text}, 200)["preview"]
    assert seen["warnings"] == [
        f"{ADA} cannot see refunds: ask an admin, or tell them otherwise.",
        "Nobody is called @nobody: nobody is told.",
    ]
    page = house.page("support")
    page.get(url)
    page.submit(f"{url}?preview=1", {"text": text})
    assert f"{ADA} cannot see refunds" in page.html
    page.get(refund["url"])
    page.submit(url, {"text": text})
    assert f"{ADA} cannot see refunds" in page.html and "Nobody is called @nobody" in page.html
    assert house.rows("select count(*) from mentions")[0][0] == 0
    assert mentions(house, "clinician") == "Mentions"


def test_two_of_one_handle_are_called_by_name(house: House) -> None:
    order = house.order("60.00")
    with house.app.app_context():
        staff.add(email="sam@other.test", name="Sam Reed", role="support", password_hash=None, by=CONSOLE)
    api, url = house.api(), f"{order['url']}/note?preview=1"
    [warned] = api.post(url, {"text": "@sam"}, 200)["preview"]["warnings"]
    assert "@sam could be Sam Rivera or Sam Reed" in warned
    assert "@sam.rivera (Sam Rivera) or @sam.reed (Sam Reed)" in warned
    changes = api.post(url, {"text": "@sam.reed"}, 200)["preview"]["changes"]
    assert [one["to"] for one in changes if one["on"] == "mention"] == ["Sam Reed"]


@pytest.mark.parametrize("role", sorted(PEOPLE))
def test_health_details_are_for_who_may_read_them_and_stand_in_no_audit(house: House, role: str) -> None:
    order = house.order("60.00")
    url = note(house, order["url"], SECRET, role="support", phi=True)
    house.api().post(f"{url}/pin")
    may = role in ("clinician", "auditor")
    page = house.page(role)
    for place in (url, order["url"], f"{order['url']}/timeline", order["customer"]):
        assert (SECRET in page.get(place)) == may, (role, place)
        assert may or "you have no right to read" in page.html
    wrote = role == "support"
    assert (house.api(role).get(url)["text"] == SECRET) == (may or wrote)
    kept = house.rows("select count(*) from audit_entries a where a::text like :t", t=f"%{SECRET}%")
    assert kept[0][0] == 0
    warned = house.api().post(f"{order['url']}/note?preview=1", {"text": "@lee", "phi": True}, 200)
    assert warned["preview"]["warnings"][0].startswith("Lee Okafor cannot see health details")


def test_a_note_on_what_one_may_not_see_is_not_seen(house: House) -> None:
    _, refund, _ = declined(house)
    url = note(house, refund["url"], "About the bank")
    house.api("clinician").get(url, 403)
    assert house.api("clinician").get("/notes")["items"] == []
    house.api("shop").get("/notes", 403)
