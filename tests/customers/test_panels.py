"""A customer's page: what each system holds, from our own copy, whatever the systems are doing right now."""

from __future__ import annotations

from datetime import timedelta

import pytest

from opsconsole import vendors
from opsconsole.db import db, now
from opsconsole.services import STRIPE, customers

from ..house import House
from ..scenes import processor
from .scenes import READS, at_stripe, contact, facts, known, panel

DIALS = {
    "down": {"kind": "down"},
    "slow": {"kind": "slow", "seconds": 30},
    "garbage": {"kind": "garbage"},
    "401": {"kind": "unauthorized"},
}


def test_what_stripe_holds_is_read_when_the_shop_names_it(house: House) -> None:
    url, stripe_id = known(house)
    held = house.api().get(url)["profiles"]
    assert held["stripe"]["facts"]["email"] == "jo@example.test" and not held["stripe"]["stale"]
    assert held["customerio"] == {"fetched_at": None, "stale": True, "facts": {}}
    told = panel(house, url, "stripe")
    assert (told["external_id"], told["trouble"], told["differs"]) == (stripe_id, None, {})
    assert told["page"] == f"https://dashboard.stripe.com/test/customers/{stripe_id}"


@pytest.mark.parametrize("system", READS)
@pytest.mark.parametrize("how", DIALS)
def test_the_page_waits_for_no_vendor(house: House, system: str, how: str) -> None:
    url, _ = known(house)
    sam = house.page()
    house.sandbox.fault(vendor="*", method="*", **DIALS[how])
    asked = len(house.sandbox.calls)
    page = sam.get(url)
    assert f"{url}/panels/{system}" in page and "jo@example.test" in page
    sam.get(f"{url}/panels/{system}")
    panel(house, url, system)
    assert len(house.sandbox.calls) == asked


def test_a_part_of_the_page_with_htmx_and_a_page_of_its_own_without(house: House) -> None:
    url, _ = known(house)
    sam = house.page()
    assert "<html" in sam.get(f"{url}/panels/stripe")
    part = sam.client.get(f"{url}/panels/stripe", headers={"HX-Request": "true", "Accept": "text/html"})
    assert part.status_code == 200 and "<html" not in part.text and "as of" in part.text
    sam.get(f"{url}/panels/pharmacy", 404)  # it has its place, and nothing is connected
    assert "pharmacy" in {system.code for system in customers.SYSTEMS}


def test_news_from_stripe_settles_the_mirror_and_never_our_own_address(house: House) -> None:
    url, stripe_id = known(house)
    processor(house).customers.update(stripe_id, {"email": "other@example.test", "balance": -500})
    house.drain()
    assert facts(house, url)["email"] == "other@example.test"
    api = house.api()
    assert api.get(url)["email"] == "jo@example.test"
    assert panel(house, url, "stripe")["differs"] == {"email": "jo@example.test"}
    assert "differs: here it is jo@example.test" in house.page().get(f"{url}/panels/stripe")


def test_an_older_fetch_never_overwrites_a_newer_one(house: House) -> None:
    url, stripe_id = known(house)
    with house.app.app_context():
        old = vendors.port("payments").fetch_customer(stripe_id)
        then = now() - timedelta(hours=1)
        db.session.rollback()
    processor(house).customers.update(stripe_id, {"email": "new@example.test"})
    house.drain()
    with house.app.app_context():
        customers.settle(stripe_id, facts=old, fetched_at=then, by=STRIPE)
    assert facts(house, url)["email"] == "new@example.test"


def test_a_mirror_grows_old(house: House) -> None:
    url, _ = known(house)
    house.advance(25 * 3600)
    assert house.api().get(url)["profiles"]["stripe"]["stale"]
    assert "stale" in house.page().get(f"{url}/panels/stripe").lower()


def test_a_customer_deleted_at_stripe(house: House) -> None:
    url, stripe_id = known(house)
    processor(house).customers.delete(stripe_id)
    house.drain()
    assert facts(house, url)["deleted"] is True
    assert "Deleted at Stripe" in house.page().get(f"{url}/panels/stripe")


def test_without_a_crm_its_panel_is_not_there(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    url, _ = known(house)
    monkeypatch.delitem(vendors._ports, "crm")
    assert set(house.api().get(url)["profiles"]) == {"stripe"}
    house.api().get(f"{url}/panels/customerio", 404)
    house.page().get(url)


def test_the_owner_who_tells_another_address_is_believed(house: House) -> None:
    url, _ = known(house)
    contact(house, url, email="moved@example.test", unsubscribed=True)
    house.drain()  # the CRM reports consent, and the whole contact is read
    told = house.api().get(url)
    assert told["profiles"]["customerio"]["facts"]["unsubscribed"] is True
    assert told["email"] == "moved@example.test"
    shop = {"reference": "c-1", "name": "Jo Field", "email": "jo@example.test", "phone": None}
    house.api("shop").post("/customers", shop)
    assert house.api().get(url)["email"] == "moved@example.test"  # the shop does not own it
    at_stripe(house, told["external_ids"]["stripe"], email="third@example.test")
    assert house.api().get(url)["email"] == "moved@example.test"
