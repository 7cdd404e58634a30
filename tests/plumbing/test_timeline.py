"""One list of everything that happened to a thing: strictly in order, paged without loss, filtered, and for whom."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from opsconsole.db import db
from opsconsole.models import Customer, Order
from opsconsole.services import Actor, audit
from opsconsole.services.staff import ROLES

from ..house import House
from ..scenes import WINDOW, declined, issue

KINDS = {"act", "attempt", "event", "case", "note", "message"}


def actor(role: str) -> Actor:
    return Actor("staff", f"stf_{role}", role, frozenset(ROLES[role][1]))


def of_every_source(house: House) -> dict[str, Any]:
    """An order with a declined refund and its case, another that Stripe settled, a message and notes."""
    order, refund, case = declined(house)
    customer, api = house.api().get(order["customer"]), house.api()
    house.contact(customer["id"], customer["email"])
    api.post(f"{customer['url']}/message", {"template": "order_delayed", "order": order["id"]})
    issue(house, order, "2.00")
    house.later(WINDOW)
    for url in (order["url"], refund["url"], case["url"], customer["url"]):
        api.post(f"{url}/note", {"text": f"On {url}"})
    return {"order": order, "refund": refund, "case": case, "customer": customer}


def at_one_instant(house: House) -> None:
    """Ties by the dozen, within each kind and across kinds; only what acts did stays at its own time."""
    with house.app.app_context():
        for table, at in (
            ("attempts", "started_at"), ("inbox_events", "created_at"), ("cases", "created_at"),
            ("notes", "created_at"), ("messages", "created_at"),
        ):  # fmt: skip
            db.session.execute(text(f"update {table} set {at} = '2026-01-01 00:00Z'"))
        db.session.commit()


def walk(house: House, record: Any, size: int, role: str = "auditor", **filters: str) -> list[audit.Entry]:
    """All entries of a record, page by page."""
    entries: list[audit.Entry] = []
    with house.app.app_context():
        thing = type(record).require(record.id)
        after = None
        while True:
            page = audit.timeline(thing, by=actor(role), after=after, size=size, **filters)  # type: ignore[arg-type]
            assert len(page.items) == size or page.next is None
            entries += page.items
            if page.next is None:
                return entries
            after = page.next


def test_every_source_strictly_in_order_and_the_same_for_every_size_of_page(house: House) -> None:
    made = of_every_source(house)
    order, customer = Order(id=made["order"]["id"]), Customer(id=made["customer"]["id"])
    for _ in range(2):
        for record in (order, customer):
            whole = walk(house, record, 500)
            assert {entry.kind for entry in whole} == KINDS
            keys = [(entry.at, entry.id) for entry in whole]
            assert keys == sorted(set(keys), reverse=True)
            for size in (1, 2, 7, 50):
                assert [entry.id for entry in walk(house, record, size)] == [entry.id for entry in whole]
        at_one_instant(house)


def test_what_arrives_while_one_pages_moves_nothing(house: House) -> None:
    order = of_every_source(house)["order"]
    api, url = house.api(), f"{order['url']}/timeline"
    with house.app.app_context():
        page = audit.timeline(Order.require(order["id"]), by=actor("auditor"), size=3)
    before = {entry.id for entry in page.items}
    rest = [entry["id"] for entry in api.get(f"{url}?after={page.next}")["items"]]
    api.post(f"{order['url']}/note", {"text": "Meanwhile"})
    again = [entry["id"] for entry in api.get(f"{url}?after={page.next}")["items"]]
    assert again == rest and not before & set(rest)


def test_a_customers_timeline_holds_all_of_their_orders_payments_and_refunds(house: House) -> None:
    made = of_every_source(house)
    customer = {entry.id for entry in walk(house, Customer(id=made["customer"]["id"]), 500)}
    api = house.api()
    for url in (made["order"]["url"], made["order"]["payments"][0], made["refund"]["url"]):
        entries = {entry["id"] for entry in api.get(f"{url}/timeline")["items"]}
        assert entries and entries <= customer, url
    of_case = {entry["subject"] for entry in api.get(f"{made['case']['url']}/timeline")["items"]}
    assert {made["case"]["url"], made["refund"]["url"]} <= of_case


def test_the_filters_part_the_list_and_stand_in_the_url(house: House) -> None:
    made = of_every_source(house)
    url = f"{made['customer']['url']}/timeline"
    api = house.api()
    whole = walk(house, Customer(id=made["customer"]["id"]), 500)
    for name, values in (("kind", audit.KINDS), ("actor", audit.ACTORS)):
        parts = [api.get(f"{url}?{name}={value}")["items"] for value in values]
        assert sum(map(len, parts)) == len(whole)
        assert all(parts) or name == "actor"
    assert all(entry["kind"] == "note" for entry in api.get(f"{url}?kind=note")["items"])
    told = api.get(f"{url}?actor=vendors&system=stripe")["items"]
    assert told and {(entry["kind"], entry["by"]) for entry in told} == {("event", "stripe")}
    mailed = api.get(f"{url}?system=customerio")["items"]
    assert {entry["kind"] for entry in mailed} >= {"message"}
    for entry in api.get(f"{url}?kind=attempt&system=stripe")["items"]:
        assert entry["name"] in ("refunds.send", "payments.read")
    assert set(api.get(f"{url}?kind=gossip", 422)["errors"]) == {"kind"}
    assert set(api.get(f"{url}?colour=red", 422)["errors"]) == {"colour"}
    api.get(f"{url}?after=nonsense", 422)


@pytest.mark.parametrize("role", ["clinician", "shop", "support", "auditor"])
def test_what_one_may_not_see_is_left_out(house: House, role: str) -> None:
    made = of_every_source(house)
    customer = Customer(id=made["customer"]["id"])
    whole, seen = walk(house, customer, 500), walk(house, customer, 500, role)
    rights = ROLES[role][1]
    nouns = {entry.name.partition(".")[0] for entry in seen if entry.kind in ("act", "attempt")}
    assert all(f"{noun}.read" in rights for noun in nouns)
    assert {entry.id for entry in seen} <= {entry.id for entry in whole}
    assert (seen == whole) == (role in ("auditor", "support"))
    kinds = {entry.kind for entry in seen}
    expected = {"clinician": {"act", "case", "note", "event"}, "shop": {"act", "attempt", "event"}}
    assert kinds <= expected.get(role, KINDS) and {"act"} < kinds
    bodies = {entry.subject for entry in seen if entry.kind == "event"} - {None}
    assert bool(bodies) == (role == "auditor"), "an event's page shows what was in it"


def test_a_trace_leaves_out_what_one_may_not_see_too(house: House) -> None:
    _, refund, _ = declined(house)
    url = f"/traces/{refund['trace']}"
    whole, seen = house.api().get(url), house.api("clinician").get(url)
    assert {entry["kind"] for entry in seen["entries"]} == {"case"} < {e["kind"] for e in whole["entries"]}
    assert seen["entries"][0]["parent"] is None and whole["waiting_for"]


def test_the_page_works_as_links_and_as_parts(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    for number in range(60):
        api.post(f"{order['url']}/note", {"text": f"Number {number}."})
    page = house.page("support")
    first = page.get(f"{order['url']}/timeline?kind=note")
    older = first.split('class="older"><a class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    assert first.count('<li class="entry note') == 50 and "kind=note" in older
    assert "Number 59." in first and "Number 9." not in first
    second = page.get(older)
    assert "Number 9." in second and "Number 0." in second and "Number 10." not in second
    part = page.client.get(older, headers={"HX-Request": "true", "Accept": "text/html"}).text
    assert part.strip().startswith("<li") and part.count('<li class="entry note') == 10
    answer = page.client.get(f"{order['url']}/timeline?kind=case", headers={"HX-Request": "true"})
    assert "Nothing of this kind has happened" in answer.text and "<h1" not in answer.text
    assert answer.headers["HX-Push-Url"] == f"{order['url']}?kind=case"
    assert "Nothing of this kind has happened" in page.get(f"{order['url']}?kind=case")
    page.get(f"{order['url']}?kind=nonsense", 422)
    api.get("/orders/ord_none/timeline", 404)
    house.api("shop").get("/cases/cas_none/timeline", 403)
