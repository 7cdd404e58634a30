"""Finding anything from one box: every kind of id, fragments, what a role may see, and odd input."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy import text as sql

from opsconsole.db import db
from opsconsole.machine.postgres import OWNER
from opsconsole.models import Refund

from ..house import House
from ..scenes import declined
from ..statements import statements

JO = {
    "reference": "shop-77",
    "name": "Jo Fairweather",
    "email": "Jo.Fair@example.test",
    "phone": "+1 (415) 555-0123",
    "external_ids": {"stripe": "cus_Jo1", "crm": "person-9"},
}


def found(house: House, text: str, role: str = "demo") -> list[tuple[str, str]]:
    """(noun, url) of everything that is found, as a program sees it."""
    said = house.api(role).get(f"/search?q={quote(text)}")
    assert said["next"] is None and all(one["says"] for one in said["items"])
    return [(one["noun"], one["url"]) for one in said["items"]]


def goes_to(house: House, text: str, role: str = "ops_lead") -> str | None:
    """Where a person is sent at once; None when a page of results is shown."""
    page = house.page(role)
    answer = page.client.get(f"/search?q={quote(text)}", headers={"Accept": "text/html"})
    assert answer.status_code in (200, 303), answer.status_code
    return answer.headers.get("Location")


def jo(house: House, **changes: Any) -> str:
    """A customer. Returns the URL."""
    return str(house.api("shop").post("/customers", {**JO, **changes})["subject"])


def identifiers(house: House) -> dict[str, tuple[str, str]]:
    """Every kind of exact id there is after a busy day: kind -> (what is typed, where it leads)."""
    order, refund, case = declined(house)
    api = house.api()
    api.post("/inbox/sweep", {})
    house.drain()
    customer = jo(house)
    payment = api.get(order["payments"][0])
    [promise] = api.get(f"/promises?subject={refund['id']}")["items"]
    event = api.get("/inbox")["items"][0]
    entry = api.get("/audit?act=refunds.issue")["items"][0]
    [(settled, settled_url)] = house.rows(
        "select external_id, '/refunds/' || id from refunds where external_id is not null limit 1"
    )
    [(attempt, request)] = house.rows(
        "select id, request_id from attempts where promise_id = :id and request_id is not null limit 1",
        id=promise["id"],
    )
    [(charge,)] = house.rows("select charge_id from payments where id = :id", id=payment["id"])
    [(sweep,)] = house.rows("select id from sweeps limit 1")
    [(known,)] = house.rows("select id from external_ids where external_id = 'cus_Jo1'")
    with house.app.app_context():
        db.session.get_one(Refund, refund["id"]).reference_number = "74208511011053602030408"
        db.session.commit()
    return {
        "our customer": (customer.rsplit("/")[-1], customer),
        "our order": (order["id"], order["url"]),
        "our payment": (payment["id"], payment["url"]),
        "our refund": (refund["id"], refund["url"]),
        "our case": (case["id"], case["url"]),
        "our promise": (promise["id"], promise["url"]),
        "the key a vendor shows": (f"{promise['id']}:1", promise["url"]),
        "our event": (event["id"], event["url"]),
        "our audit entry": (entry["id"], entry["url"]),
        "an attempt": (attempt, promise["url"]),
        "an order line": (order["lines"][0]["line"], order["url"]),
        "an id in another system": (known, customer),
        "a sweep": (sweep, f"/inbox/sweeps/{sweep}"),
        "a trace": (refund["trace"], f"/traces/{refund['trace']}"),
        "Stripe's payment": (payment["external_id"], payment["url"]),
        "Stripe's charge": (charge, payment["url"]),
        "Stripe's refund": (settled, settled_url),
        "Stripe's event": (event["external_id"], event["url"]),
        "Stripe's customer": ("cus_Jo1", customer),
        "Stripe's request": (request, promise["url"]),
        "a page of Stripe's": (
            f"https://dashboard.stripe.com/p/{payment['external_id']}?x=1",
            payment["url"],
        ),
        "the CRM's person": ("person-9", customer),
        "the bank's number": ("74208511011053602030408", refund["url"]),
        "an order number": (order["reference"], order["url"]),
        "an order number in small letters": (order["reference"].lower(), order["url"]),
        "an order number as people write it": (f"# {order['reference']}".replace(" ", ""), order["url"]),
        "the shop's customer": ("shop-77", customer),
        "an e-mail address": ("Jo.Fair@example.test", customer),
    }


def test_every_kind_of_id_leads_straight_to_its_thing(house: House) -> None:
    known = identifiers(house)
    assert len(known) >= 18
    lee = house.page("ops_lead")
    for kind, (text, url) in known.items():
        assert [one[1] for one in found(house, text)] == [url], kind
        answer = lee.client.get(f"/search?q={quote(f'  {text} ')}", headers={"Accept": "text/html"})
        assert (answer.status_code, answer.headers.get("Location")) == (303, url), kind
        assert lee.client.get(url, headers={"Accept": "text/html"}).status_code == 200, kind


@pytest.mark.parametrize(
    "text",
    [
        "+1 (415) 555-0123", "14155550123", "415-555-0123", "(415) 555 0123", "4155550123", "001 415.555.0123",
        "555-0123", "5550123", "fairweather", "Fairw", "WEATHER", "fairweather jo", "jo fair", "jo f", "o fai",
        "jo.fair@example.test", "fair@exam", "hop-7", "+1 415 555",
    ],
)  # fmt: skip
def test_fragments_and_every_writing_of_a_phone_number(house: House, text: str) -> None:
    customer = jo(house)
    jo(house, reference="other", name="Al Bo", email="al@bo.test", phone="+1 212 666 9876", external_ids={})
    assert found(house, text) == [("customers", customer)]
    assert goes_to(house, text) is None, "a fragment that fits one today may fit two tomorrow"
    page = house.page("support")
    assert "Jo Fairweather" in page.get(f"/search?q={quote(text)}") and "Al Bo" not in page.html


def test_a_phone_number_of_another_country(house: House) -> None:
    customer = jo(house, phone="+44 20 7946 0958")
    for text in ("020 7946 0958", "0044 20 7946 0958", "+442079460958", "7946-0958"):
        assert found(house, text) == [("customers", customer)], text


def test_results_stand_by_noun_with_what_matters_of_each(house: House) -> None:
    shop = house.api("shop")
    customer = jo(house, reference="A-200")
    order = house.order("60.00", customer="A-2001")
    lines = [{"sku": "S", "name": "N", "quantity": 1, "unit_price": "12.50"}]
    told = {"reference": "A-2009", "customer": "A-200", "currency": "usd", "lines": lines, "total": "12.50"}
    mine = shop.post("/orders", told)["subject"]
    assert found(house, "a-20") == [
        ("customers", f"{order['customer']}"), ("customers", customer), ("orders", mine),
    ]  # fmt: skip
    sam = house.page("support")
    sam.get("/search?q=a-20")
    assert "Jo.Fair@example.test" in sam.html and "$12.50" in sam.html and "Awaiting payment" in sam.html
    assert sam.html.index("<h2>Customers</h2>") < sam.html.index("<h2>Orders</h2>")


def test_the_last_four_digits_of_a_card(house: House) -> None:
    order = house.order("60.00")
    [payment] = order["payments"]
    for text in ("4242", "•••• 4242", "Visa ending in 4242", "xxxx-4242", "*4242"):
        assert found(house, text) == [("payments", payment)], text
    assert goes_to(house, "4242") is None and found(house, "4243") == []
    shop = house.api("shop")
    lines = [{"sku": "S", "name": "N", "quantity": 1, "unit_price": "12.50"}]
    told = {"reference": "4242", "customer": "cust-1", "currency": "usd", "lines": lines, "total": "12.50"}
    numbered = shop.post("/orders", told)["subject"]
    assert found(house, "4242") == [("orders", numbered), ("payments", payment)]
    assert found(house, "#4242") == [("orders", numbered), ("payments", payment)]
    assert found(house, "4242", "clinician") == [("orders", numbered)]


def test_only_what_the_role_may_see(house: House) -> None:
    order, refund, case = declined(house)
    payment = house.api().get(order["payments"][0])
    event = house.api().get("/inbox")["items"][0]
    for text, url in (
        (payment["external_id"], payment["url"]), (refund["id"], refund["url"]), (payment["id"], payment["url"]),
        (event["external_id"], event["url"]),
    ):  # fmt: skip
        assert [one[1] for one in found(house, text)] == [url]
        assert found(house, text, "clinician") == []
    assert found(house, case["id"], "clinician") == [("cases", case["url"])]
    assert found(house, order["reference"], "clinician") == [("orders", order["url"])]
    assert found(house, order["reference"], "shop") and not found(house, case["id"], "shop")
    assert not found(house, "example.test", "shop"), "it may not know where people are reached"
    [(sign_in,)] = house.rows("select id from tokens limit 1")
    assert found(house, sign_in) == [], "what has no page is not found"


def test_a_row_is_found_right_after_it_was_written_and_by_its_new_name(house: House) -> None:
    assert found(house, "fairweather") == []
    customer = jo(house)
    assert found(house, "fairweather") == [("customers", customer)]
    jo(house, name="Jo Meadow", phone="212 555 7788")
    assert found(house, "fairweather") == [] and found(house, "555-0123") == []
    assert found(house, "mead") == found(house, "5557788") == [("customers", customer)]


def test_an_address_that_two_share_shows_both(house: House) -> None:
    urls = {jo(house), jo(house, reference="shop-78", external_ids={})}
    assert {url for _, url in found(house, "Jo.Fair@example.test")} == urls
    assert goes_to(house, "Jo.Fair@example.test") is None


@pytest.mark.parametrize(
    "text", ["%%%", "___", "%fair%", "f_irweather", "fairw%", "fair\\", "a%b", "jo%", "\\\\\\"]
)
def test_wildcards_mean_themselves(house: House, text: str) -> None:
    jo(house)
    assert found(house, text) == []


def test_a_percent_sign_in_a_name_is_found(house: House) -> None:
    customer = jo(house, name="100% Pure_Skin \\ Ltd")
    for text in ("100%", "pure_sk", "pure_skin \\", "00% pure"):
        assert found(house, text) == [("customers", customer)], text


@pytest.mark.parametrize("text", ["jo", "a", "é", "@", "..", "a b", "-_-", "😀"])
def test_less_than_three_letters_is_said_kindly(house: House, text: str) -> None:
    jo(house)
    assert found(house, text) == []
    assert "Three letters, please" in house.page("support").get(f"/search?q={quote(text)}")


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "\x00", "\x00nobody\x00",
        "\ud7ff\ufffd", "x" * 5000, "' or 1=1 --", "trc_", "ord_", "trc_\x00", "_", "re_",
        "https://", "https://x/", "٤٢٤٢", "４２４２", "ord_" + "é" * 30,
         "\u202ejo\u202c fair", "prm_1:9", "cst_" + "9" * 200,
        "*" * 190 + "x", "..." * 60,
    ],
)  # fmt: skip
def test_odd_input_finds_nothing_and_harms_nothing(house: House, text: str) -> None:
    jo(house)
    assert found(house, text) == []
    house.page("support").get(f"/search?q={quote(text)}")


def test_at_most_twenty_of_a_noun_and_a_word_about_the_rest(house: House) -> None:
    fill(house, 30)
    assert [noun for noun, _ in found(house, "crowd")] == ["customers"] * 20 + ["orders"] * 20
    sam = house.page("support")
    sam.get("/search?q=crowd")
    assert "The newest 20; write more to find older ones." in sam.html
    sam.get("/search?q=rowd29")
    assert "write more" not in sam.html


def test_fragments_are_read_by_the_trigram_index(house: House, cluster: Any) -> None:
    fill(house, 5000)
    name = str(house.rows("select current_database()")[0][0])
    url = cluster.url(name, OWNER).replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze customers, orders")
    with statements(house) as sent:
        assert len(found(house, "rowd4321")) == 2 and len(found(house, "555 4321")) == 1
    fragments = [(query, values) for query, values in sent if " LIKE " in query]
    assert len(fragments) == 2  # one each, whatever it is that contains them
    with psycopg.connect(url) as connection:
        for query, values in fragments:
            plan = "\n".join(row[0] for row in connection.execute(f"explain {query}", values))
            assert plan.count("_search_idx") >= 2, plan
            assert re.findall("Seq Scan on (?!products)", plan) == [], plan  # a handful of those: read whole


def fill(house: House, count: int) -> None:
    """So many customers called crowd<n>, each with an order crowd<n>, written by COPY's cheaper cousin."""
    with house.app.app_context():
        db.session.execute(sql(CUSTOMERS), {"count": count})
        db.session.execute(sql(ORDERS), {"count": count})
        db.session.commit()


CUSTOMERS = """
insert into customers (id, reference, name, email, phone)
select 'cst_' || n, 'c' || n, 'Crowd' || n || ' ' || md5(n::text), md5('m' || n) || '@example.test',
       '+1 415 555 ' || to_char(n, 'FM0000')
from generate_series(1, :count) n
"""
ORDERS = """
insert into orders (id, customer_id, reference, status, currency, subtotal, shipping, tax, discount, total, placed_at)
select 'ord_' || n, 'cst_' || n, 'crowd' || n, 'ready', 'usd', 100, 0, 0, 0, 100, instant()
from generate_series(1, :count) n
"""
