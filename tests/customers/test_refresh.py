"""Refreshing a customer from one system: the difference first, and only what was seen is taken in."""

from __future__ import annotations

import html
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.serving import make_server

from opsconsole import vendors
from opsconsole.db import db
from opsconsole.vendors.payments.stripe import Stripe

from ..house import KEY, SECRET, House
from ..scenes import cases_of, denied, invalid, nothing_written, processor, refused
from ..vendors.test_stripe import HangsUp
from .scenes import READS, at_stripe, contact, facts, known, panel

CHANGED = {"email": "new@example.test", "phone": "+15550199", "name": "Jo Meadow"}


def look(house: House, url: str, system: str = "stripe") -> Any:
    """What a refresh would change now, as a program asks for it."""
    return house.api().post(f"{url}/refresh?preview=1", {"system": system}, 200)["preview"]


def test_three_changed_facts_are_seen_and_then_taken_in(house: House) -> None:
    url, stripe_id = known(house)
    at_stripe(house, stripe_id, **CHANGED)
    sam = house.page()
    page = sam.get(f"{url}/refresh?system=stripe")
    assert all(words in html.unescape(page) for words in CHANGED.values())
    assert facts(house, url)["email"] == "jo@example.test"
    quote = re.search(r'name="quote" value="(quo_[^"]+)"', page)
    assert quote
    sam.submit(f"{url}/refresh", {"system": "stripe", "quote": quote[1]})
    assert sam.url == url and "What Stripe holds is shown now." in sam.html
    assert {name: facts(house, url)[name] for name in CHANGED} == CHANGED
    [entry] = house.api().get("/audit?act=customers.refresh")["items"]
    assert {change["field"] for change in entry["changes"]} == set(CHANGED)
    assert house.api().get(url)["email"] == "jo@example.test"  # Stripe does not own it


def test_the_preview_tells_exactly_the_three(house: House) -> None:
    url, stripe_id = known(house)
    at_stripe(house, stripe_id, **CHANGED)
    seen = look(house, url)
    assert {one["field"]: one["to"] for one in seen["changes"]} == CHANGED and seen["promises"] == []
    done = house.api().post(f"{url}/refresh", {"system": "stripe"}, match=seen["hash"])
    assert done["subject"] == url and facts(house, url)["name"] == "Jo Meadow"


def test_in_sync_writes_no_fact(house: House) -> None:
    url, _ = known(house)
    house.advance(3600)
    before = house.api().get(url)["profiles"]["stripe"]
    audit = house.rows("select count(*) from audit_entries")
    page = house.page().get(f"{url}/refresh?system=stripe")
    assert "In sync as of now." in page and "Take in" not in page
    after = house.api().get(url)["profiles"]["stripe"]
    assert after["facts"] == before["facts"] and after["fetched_at"] > before["fetched_at"]
    assert house.rows("select count(*) from audit_entries") == audit
    assert look(house, url)["changes"] == []


def test_a_vendor_is_read_once_in_ten_seconds(house: House) -> None:
    url, stripe_id = known(house)
    house.advance(60)
    asked = len(house.sandbox.calls)
    for _ in range(4):
        look(house, url)
    assert len(house.sandbox.calls) == asked + 1
    at_stripe(house, stripe_id, **CHANGED)
    calls = len(house.sandbox.calls)
    assert look(house, url)["changes"] == [] and len(house.sandbox.calls) == calls
    house.advance(11)
    assert len(look(house, url)["changes"]) == 3


def test_the_second_click_changes_nothing(house: House) -> None:
    url, stripe_id = known(house)
    at_stripe(house, stripe_id, **CHANGED)
    look(house, url)
    quote = panel(house, url, "stripe")["quote"]["id"]
    body = {"system": "stripe", "quote": quote}
    done = house.api().post(f"{url}/refresh", body, key="k")
    with nothing_written(house):
        assert house.api().post(f"{url}/refresh", body, key="k") == done


def test_what_was_seen_too_long_ago_or_elsewhere_is_not_taken_in(house: House) -> None:
    url, stripe_id = known(house)
    at_stripe(house, stripe_id, **CHANGED)
    look(house, url)
    body = {"system": "stripe", "quote": panel(house, url, "stripe")["quote"]["id"]}
    invalid(house, house.api(), f"{url}/refresh", {**body, "quote": "quo_other"}, "quote")
    invalid(house, house.api(), f"{url}/refresh", {**body, "system": "customerio"}, "quote")
    house.advance(601)
    refused(house, house.api(), f"{url}/refresh", body, "quote_too_old")


def test_later_news_is_not_overwritten_by_what_was_seen(house: House) -> None:
    url, stripe_id = known(house)
    at_stripe(house, stripe_id, **CHANGED)
    look(house, url)
    body = {"system": "stripe", "quote": panel(house, url, "stripe")["quote"]["id"]}
    house.advance(5)
    processor(house).customers.update(stripe_id, {"email": "latest@example.test"})
    house.drain()
    refused(house, house.api(), f"{url}/refresh", body, "quote_too_old")
    assert facts(house, url)["email"] == "latest@example.test"


def test_the_owner_is_taken_in_with_its_word(house: House) -> None:
    url, _ = known(house)
    contact(house, url, email="moved@example.test", first_name="Jo", diagnosis="acne")
    house.api().post(f"{url}/refresh", {"system": "customerio"})
    told = house.api().get(url)
    assert told["email"] == "moved@example.test"
    assert told["profiles"]["customerio"]["facts"]["first_name"] == "Jo"
    assert "acne" not in str(told)


@pytest.mark.parametrize("system", READS)
@pytest.mark.parametrize("dial", [{"kind": "down"}, {"kind": "garbage"}, {"kind": "unauthorized"}])
def test_no_answer_keeps_what_we_have_and_marks_that_panel_only(
    house: House, system: str, dial: dict[str, Any]
) -> None:
    url, _ = known(house)
    for one in READS:
        house.api().post(f"{url}/refresh", {"system": one})
    before = house.api().get(url)["profiles"]
    house.advance(60)
    house.sandbox.fault(vendor=system, method=READS[system], **dial)
    sam = house.page()
    page = sam.get(f"{url}/refresh?system={system}")
    assert "Not possible" in page and "Everything here stays as it was." in page
    sam.get(url)
    after = house.api().get(url)["profiles"]
    assert {one: held["stale"] for one, held in after.items()} == {one: one == system for one in READS}
    assert {one: held["facts"] for one, held in after.items()} == {
        one: held["facts"] for one, held in before.items()
    }
    assert "What stands here is as of" in sam.get(f"{url}/panels/{system}")
    credentials = dial["kind"] == "unauthorized"
    port = "payments" if system == "stripe" else "crm"
    assert [one["reason"] for one in cases_of(house, port)] == ["vendor_refuses_credentials"] * credentials
    house.sandbox.clear_faults()
    house.advance(60)
    look(house, url, system)
    assert not house.api().get(url)["profiles"][system]["stale"] and cases_of(house, port) == []


def test_an_open_breaker_is_respected(house: House) -> None:
    url, _ = known(house)
    house.sandbox.fault(kind="unauthorized", method=READS["stripe"])
    house.advance(60)
    house.page().get(f"{url}/refresh?system=stripe")
    house.advance(11)
    house.page().get(f"{url}/refresh?system=stripe")  # the one probe that is let through
    asked = len(house.sandbox.calls)
    with house.app.app_context():
        db.session.execute(db.text("update breakers set probe_at = instant() + interval '1 hour'"))
        db.session.commit()
    house.advance(11)
    page = house.page().get(f"{url}/refresh?system=stripe")
    assert "has not answered for a while" in page and len(house.sandbox.calls) == asked


def test_deleted_and_unknown_there(house: House) -> None:
    url, stripe_id = known(house)
    house.sandbox.fault(kind="drop", method="webhook customer.*")
    processor(house).customers.delete(stripe_id)
    house.drain()
    house.sandbox.clear_faults()
    seen = {one["field"]: one["to"] for one in look(house, url)["changes"]}
    assert seen["deleted"] == "yes" and seen["email"] is None
    shop = {"reference": "c-2", "name": "Al", "external_ids": {"stripe": "cus_nobody"}}
    other = house.api("shop").post("/customers", shop)["subject"]
    house.drain()
    assert "does not know this customer" in house.page().get(f"{other}/refresh?system=stripe")
    assert "does not know this customer" in str(panel(house, other, "stripe")["trouble"])
    nameless = house.api("shop").post("/customers", {"reference": "c-3", "name": "Bo"})["subject"]
    refused(house, house.api(), f"{nameless}/refresh", {"system": "stripe"}, "not_readable")
    assert panel(house, nameless, "stripe")["acts"][0]["allowed"] is False


def test_who_may(house: House) -> None:
    url, _ = known(house)
    for role in ("auditor", "clinician", "admin", "shop"):
        denied(house, role, f"{url}/refresh", {"system": "stripe"})
    house.api("support").post(f"{url}/refresh", {"system": "stripe"})
    house.api().post(f"{url}/refresh", {}, 422)
    house.api().post(f"{url}/refresh", {"system": "nobody"}, 404)


@pytest.fixture
def over_http(house: House) -> Iterator[None]:
    """Stripe's adapter over its own wire and a real server: only there do deadlines count."""
    server = make_server("127.0.0.1", 0, house.sandbox_app, threaded=True, request_handler=HangsUp)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    base = f"http://127.0.0.1:{server.server_port}"
    vendors.connect("payments", Stripe(api_key=KEY, api_base=base, webhook_secrets=[SECRET]))
    yield
    house.sandbox.clear_faults()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_slow_vendor_is_waited_for_a_moment_only(house: House, over_http: None) -> None:
    url, _ = known(house)
    sam = house.page()
    house.advance(60)
    house.sandbox.fault(kind="slow", seconds=60, method=READS["stripe"])
    began = time.monotonic()
    page = sam.get(f"{url}/refresh?system=stripe")
    assert time.monotonic() - began < 10
    assert "Stripe did not answer." in page
    assert "jo@example.test" in sam.get(url)
