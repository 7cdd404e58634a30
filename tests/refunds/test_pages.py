"""Refunding as Sam does it, in a browser without JavaScript: what stands on each page, and what each click does."""

from __future__ import annotations

import html
import re

from ..house import House, PageClient
from ..scenes import WINDOW, declined, nothing_written, paid_back

ASKED = {"amount": "10.00", "reason": "goodwill", "note": "A late parcel"}


def words(person: PageClient) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", person.html)).split())


def test_from_the_order_to_the_refund_and_back(house: House) -> None:
    order, sam = house.order("60.00"), house.page("support")
    assert f"{order['url']}/refund" in sam.get(order["url"])
    sam.get(f"{order['url']}/refund")
    assert "$60.00" in words(sam) and "Goodwill" in words(sam)
    with nothing_written(house):
        sam.submit(f"{order['url']}/refund?preview=1", ASKED)
    assert "Stripe refunds $10.00 to Visa ending 4242" in words(sam) and "Refund $10.00" in words(sam)
    assert 'name="expect"' in sam.html and 'value="10.00"' in sam.html and "A late parcel" in words(sam)
    sam.submit(f"{order['url']}/refund", ASKED)
    assert re.fullmatch(r"/refunds/rf_\w+", sam.url) and "Refund of $10.00" in words(sam)
    assert "It goes out in a minute" in words(sam) and f"{sam.url}/withdraw" in sam.html
    refund = sam.url
    sam.get(f"{refund}/withdraw")
    sam.submit(f"{refund}/withdraw", {})
    assert sam.url == refund and "Withdrawn" in words(sam)
    house.later(WINDOW)
    assert paid_back(house) == []


def test_the_same_form_sent_twice_is_one_refund(house: House) -> None:
    order, sam = house.order("60.00"), house.page("support")
    form = sam.get(f"{order['url']}/refund")
    sam.submit(f"{order['url']}/refund", ASKED)
    first, sam.html = sam.url, form  # back, and once more
    sam.submit(f"{order['url']}/refund", ASKED)
    assert sam.url == first
    house.later(WINDOW)
    assert paid_back(house) == [1000]
    assert "Succeeded" in sam.get(first)


def test_a_mistake_stands_beside_its_field_and_nothing_typed_is_lost(house: House) -> None:
    order, sam = house.order("60.00"), house.page("support")
    url = f"{order['url']}/refund"
    sam.get(url)
    with nothing_written(house):
        sam.submit(url, {**ASKED, "amount": "60.01"}, 409)
        assert "At most $60.00 can be refunded." in words(sam)
        assert 'value="60.01"' in sam.html and "A late parcel" in sam.html and "aria-invalid" in sam.html
        sam.submit(url, {**ASKED, "amount": "1,50"}, 422)
        assert "Write an amount like 10.00" in words(sam)
        sam.submit(url, {"amount": "1.00", "reason": ""}, 422)
        assert "Choose why." in words(sam)
        sam.submit(url, {**ASKED, "colour": "red"}, 422)


def test_the_address_can_fill_the_form_and_shows_what_would_happen(house: House) -> None:
    order, sam = house.order("60.00"), house.page("support")
    with nothing_written(house):
        sam.get(f"{order['url']}/refund?amount=7.00&reason=damaged")
    assert "Stripe refunds $7.00 to Visa ending 4242" in words(sam) and 'value="7.00"' in sam.html


def test_a_world_that_changed_is_shown_and_nothing_is_done(house: House) -> None:
    _, refund, case = declined(house)
    lee = house.page("ops_lead")
    url = f"{case['url']}/retry"
    lee.get(url)
    lee.submit(f"{url}?preview=1", {"reason": "r", "fix.amount": "5.00"})
    agreed = lee.html
    assert "Stripe refunds $5.00" in words(lee)
    lee.html = re.sub(r'(name="expect" value=")[0-9a-f]{8}', r"\g<1>00000000", agreed)
    with nothing_written(house):
        lee.submit(url, {"reason": "r", "fix.amount": "5.00"}, 409)
    assert "Something changed since you looked." in words(lee) and "Stripe refunds $5.00" in words(lee)
    lee.submit(url, {"reason": "r", "fix.amount": "5.00"})
    house.drain()
    assert house.api().get(refund["url"])["status"] == "succeeded"


def test_who_may_not_sees_no_way_and_finds_none(house: House) -> None:
    order, mo = house.order("60.00"), house.page("auditor")
    mo.get(order["url"])
    with nothing_written(house):
        mo.get(f"{order['url']}/refund", 403)
        assert "You may not do this" in words(mo)
        mo.get("/orders/ord_nowhere", 404)
    sam = house.page("support")
    assert 'value="fraud"' not in sam.get(f"{order['url']}/refund")
    finn = house.page("finance")
    assert 'value="fraud"' in finn.get(f"{order['url']}/refund") and "block this card" in words(finn)


def test_every_page_of_a_busy_day_can_be_read(house: House) -> None:
    order, refund, case = declined(house)
    house.api().post("/inbox/sweep", {})
    house.drain()
    api = house.api()
    nouns = [
        "/orders",
        "/customers",
        "/payments",
        "/refunds",
        "/cases",
        "/inbox",
        "/promises",
        "/audit",
        "/staff",
        "/roles",
    ]
    singles = [api.get(noun)["items"][0]["url"] for noun in nouns[:-2]]
    acts = [f"{case['url']}/{how}" for how in ("retry", "settle", "dismiss", "claim")]
    event = api.get("/inbox?kind=refund.created")["items"][0]["url"]
    lee, root = house.page("ops_lead"), house.page("admin")
    for url in (
        "/", *nouns[:-2], *singles, *acts, f"{event}/replay", "/inbox/sweep", refund["url"], f"/traces/{refund['trace']}",
        f"/search?q={order['reference']}x", "/styleguide",
    ):  # fmt: skip
        lee.get(url)
    for url in nouns[-2:]:
        root.get(url)
    for url in ("/orders?after=x", "/orders?colour=red"):
        lee.get(url, 422)
    found = lee.client.get(f"/search?q={order['reference']}", headers={"Accept": "text/html"})
    assert (found.status_code, found.headers["Location"]) == (303, order["url"])
