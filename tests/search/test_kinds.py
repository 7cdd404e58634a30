"""Every kind of identifier that there is: found by few reads, each of them by an index, at once, and only by who may."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from opsconsole.machine.postgres import OWNER

from ..house import House
from ..scenes import WINDOW
from ..statements import statements
from .test_search import found, identifiers, jo

# What is no exact id, beside the e-mail address and the phone number of test_search's customer.
FRAGMENTS = {
    "an e-mail fragment": "jo.fair@ex",
    "a name": "Jo Fairweather",
    "a name fragment": "irweath",
    "a phone number as stored": "+1 (415) 555-0123",
    "a phone number in digits": "4155550123",
    "the end of a phone number": "555-0123",
}
WHO_ASKS = 1  # statement
# Reads of an exact id beside that of who asks: its prefix says which one index to read, and there is one more read where
# it names a part of a thing. What has no prefix may be a name in several indexes, and each is read once.
ONE, OF_A_PART, WITHOUT_PREFIX = 1, 2, 8  # what looks like the number of a parcel is one read more
_PARTS = {"an attempt", "an order line", "an id in another system", "a trace"}
_NAMES = {
    "the CRM's person", "the bank's number", "an order number", "an order number in small letters",
    "an order number as people write it", "the shop's customer", "an e-mail address", "the CRM's delivery",
}  # fmt: skip


@pytest.fixture
def kinds(house: House) -> dict[str, tuple[str, str]]:
    known = identifiers(house)
    customer = known["our customer"][1]
    sent = house.api().post(f"{customer}/message", {"template": "call_us"})
    house.later(WINDOW)
    [(delivery,)] = house.rows("select external_id from messages where external_id is not null limit 1")
    known["our message"] = (sent["subject"].rsplit("/", 1)[-1], sent["subject"])
    known["the CRM's delivery"] = (delivery, sent["subject"])
    return known


def test_there_are_more_than_twenty_two(kinds: dict[str, tuple[str, str]]) -> None:
    assert len({text for text, _ in kinds.values()}) + len(FRAGMENTS) >= 22


def test_each_is_found_by_few_reads_all_of_them_by_an_index(
    house: House, cluster: Any, kinds: dict[str, tuple[str, str]]
) -> None:
    name = str(house.rows("select current_database()")[0][0])
    url = cluster.url(name, OWNER).replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(url) as connection:
        connection.execute("set enable_seqscan = off")  # it reads a table whole only where no index would do
        for kind, (text, leads_to) in kinds.items():
            with statements(house) as sent:
                assert [one[1] for one in found(house, text)] == [leads_to], kind
            most = OF_A_PART if kind in _PARTS else WITHOUT_PREFIX if kind in _NAMES else ONE
            assert len(sent) <= WHO_ASKS + most, (kind, [query for query, _ in sent])
            for query, values in sent[WHO_ASKS:]:
                plan = "\n".join(row[0] for row in connection.execute(f"explain {query}".encode(), values))
                assert "Seq Scan" not in plan, (kind, plan)


def test_fragments_and_phone_numbers_are_found_as_well(house: House) -> None:
    customer = jo(house)
    for kind, text in FRAGMENTS.items():
        assert found(house, text) == [("customers", customer)], kind


def test_a_thing_is_found_in_the_moment_after_it_was_written(house: House) -> None:
    shop, api = house.api("shop"), house.api()
    customer = jo(house)
    lines = [{"sku": "S", "name": "N", "quantity": 1, "unit_price": "12.50"}]
    order = {"reference": "R-77", "customer": "shop-77", "currency": "usd", "lines": lines, "total": "12.50"}
    made = shop.post("/orders", order)
    entry = api.get(f"/audit?subject={made['subject']}")["items"]
    for text, url in (
        ("cus_Jo1", customer), ("jo.fair@example.test", customer), ("R-77", made["subject"]),
        (made["subject"].rsplit("/", 1)[-1], made["subject"]), (made["trace"], f"/traces/{made['trace']}"),
        *((one["id"], one["url"]) for one in entry),
    ):  # fmt: skip
        assert [one[1] for one in found(house, text)] == [url], text


@pytest.mark.parametrize("role", ["support", "ops_lead", "clinician", "finance", "auditor", "admin", "shop"])
def test_a_role_finds_what_it_may_open_and_nothing_else(
    house: House, kinds: dict[str, tuple[str, str]], role: str
) -> None:
    api = house.api(role)
    for kind, (text, url) in kinds.items():
        opened = api.client.get(url, headers=api.headers)
        seen = [one["url"] for one in api.get(f"/search?q={quote(text)}")["items"]]
        assert seen == ([url] if opened.status_code == 200 else []), (kind, opened.status_code)
