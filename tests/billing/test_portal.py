"""A link to the customer's own billing pages: right to the cent when they look, handed on once, kept nowhere."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest

from opsconsole.services.billing import _sync

from ..house import House
from ..scenes import denied, invalid, nothing_written, processor, refused
from .charge_scenes import amounts, charge, known_at_stripe, stripe_id

LINK = re.compile(r"https://billing\.stripe\.com/p/session/\w+")


@pytest.fixture
def at_work(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers work while somebody waits."""
    monkeypatch.setattr(_sync, "sleep", lambda _: house.work())


def kept(house: House, text: str) -> list[str]:
    """The tables in which that text stands, in whichever column."""
    tables = [
        row.tablename for row in house.rows("select tablename from pg_tables where schemaname = 'public'")
    ]
    query = " union all ".join(
        f"select '{one}' as name from {one} t where position(:text in t::text) > 0" for one in tables
    )
    return [row.name for row in house.rows(query, text=text)]


def test_a_program_gets_the_link_once_and_nothing_keeps_it(
    house: House, at_work: None, said: io.StringIO
) -> None:
    customer, shop = known_at_stripe(house), house.api("shop")
    charge(house, customer, "5.00", "7.00")
    done = shop.post(f"{customer}/portal", {"flow": "payment_method_update"}, key="k-1")
    assert LINK.fullmatch(done["url"]) and done["expires_in"] == 300 and done["at_stripe"] is True
    assert amounts(house, customer) == [1200], "whoever opens it sees all of it"
    again = shop.post(f"{customer}/portal", {"flow": "payment_method_update"}, 409, key="k-1")
    assert again["refused"]["code"] == "link_not_kept"
    secret = done["url"].rsplit("_", 1)[-1]
    assert len(secret) > 10 and kept(house, secret) == [] and secret not in said.getvalue()
    assert kept(house, "billing pages: changing the card") == ["audit_entries"]
    [entry] = shop_audit(house)
    assert entry["subject"] == customer and entry["by"].startswith("token shop")
    assert LINK.fullmatch(shop.post(f"{customer}/portal", {})["url"])


def shop_audit(house: House) -> list[Any]:
    return list(house.api().get("/audit?act=billing.portal")["items"])


def test_a_person_copies_it_and_it_is_gone(house: House, at_work: None) -> None:
    customer, sam = known_at_stripe(house), house.page("support")
    page = sam.get(f"{customer}/portal")
    assert "Whoever opens the link is the customer" in page
    form = sam.html
    page = sam.submit(f"{customer}/portal", {"flow": ""})
    [link] = LINK.findall(page.partition("<textarea")[2].partition("</textarea>")[0])
    assert "Send it to the customer; whoever opens it is the customer." in html.unescape(page)
    assert f'href="{link}"' not in page and 'autocomplete="off"' in page
    sam.html = form  # and the same again, as a reload sends it
    page = sam.submit(f"{customer}/portal", {"flow": ""}, 409)
    assert "shown once" in page and not LINK.search(page)


def test_when_stripe_is_late_or_away_it_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sync, "sleep", lambda _: None)
    monkeypatch.setattr(_sync, "monotonic", iter(range(0, 10**6, 9)).__next__)
    customer, shop = known_at_stripe(house), house.api("shop")
    charge(house, customer, "5.00")
    done = shop.post(f"{customer}/portal")  # no worker comes by
    assert done["at_stripe"] is False and "$5.00 is not at Stripe yet" in done["warnings"][0]
    assert "is not at Stripe yet" in posted(house, customer)
    house.drain()
    house.sandbox.fault(kind="down", method="*")
    assert "did not answer" in refused_here(house, customer)
    assert "did not answer" in posted(house, customer, 409)


def refused_here(house: House, customer: str) -> str:
    said = house.api("shop").post(f"{customer}/portal", {}, 409)["refused"]
    assert said["code"] == "no_link"
    return str(said["message"])


def posted(house: House, customer: str, status: int = 200) -> str:
    finn = house.page("finance")
    finn.get(f"{customer}/portal")
    return finn.submit(f"{customer}/portal", {"flow": ""}, status)


def test_for_whom_there_is_no_link(house: House) -> None:
    customer, shop = known_at_stripe(house), house.api("shop")
    denied(house, "clinician", f"{customer}/portal")
    denied(house, "auditor", f"{customer}/portal")
    invalid(house, shop, f"{customer}/portal", {"flow": "subscription_cancel"}, "subscription")
    with nothing_written(house):
        assert "flow" in shop.post(f"{customer}/portal", {"flow": "customer_update"}, 422)["errors"]
    nobody = shop.post("/customers", {"reference": "new", "name": "Al"})["subject"]
    refused(house, shop, f"{nobody}/portal", {}, "not_at_stripe")
    processor(house).customers.delete(stripe_id(house, customer))
    assert "makes no link" in shop.post(f"{customer}/portal", {}, 409)["refused"]["message"]
