"""The shop tells us of an order: once per its own reference."""

from __future__ import annotations

from ..house import House
from ..scenes import denied, invalid, nothing_written, refused

LINES = [
    {"sku": "NC60", "name": "Night cream", "quantity": 2, "unit_price": "25.00"},
    {"sku": "SPF", "name": "Sunscreen", "quantity": 1, "unit_price": "10.00"},
]
TOLD = {
    "reference": "R-1", "customer": "c", "lines": LINES, "shipping": "5.00", "tax": "4.50", "discount": "9.50",
    "total": "60.00", "placed_at": "2026-11-20T10:00:00Z",
}  # fmt: skip


ADDRESS = {
    "name": "Jo Fairweather", "line1": "12 Pine Street", "city": "San Francisco", "state": "CA", "zip": "941071234",
}  # fmt: skip


def jo(house: House) -> House:
    house.api().post("/customers", {"reference": "c", "name": "Jo"})
    return house


def test_an_order_is_recorded_once_with_its_lines(house: House) -> None:
    shop, api = jo(house).api("shop"), house.api()
    body = {**TOLD, "payment": house.pay(6000)}
    made = shop.post("/orders", body, key="k")
    assert (made["act"], made["status"], made["undo"]) == ("orders.record", "awaiting_payment", None)
    assert [one["says"] for one in made["promises"]] == [f"Stripe is asked for payment {body['payment']}"]
    house.drain()
    order = api.get(made["subject"])
    assert order["status"] == "ready" and order["placed_at"] == "2026-11-20T10:00:00+00:00"
    assert [(line["sku"], line["quantity"], line["amount"]["amount"]) for line in order["lines"]] == [
        ("NC60", 2, "50.00"),
        ("SPF", 1, "10.00"),
    ]
    assert {name: order[name]["amount"] for name in ("subtotal", "shipping", "tax", "discount", "total")} == {
        "subtotal": "60.00", "shipping": "5.00", "tax": "4.50", "discount": "9.50", "total": "60.00",
    }  # fmt: skip
    with nothing_written(house):
        assert shop.post("/orders", body, key="k") == made
    assert shop.post("/orders", body)["subject"] == made["subject"]
    assert (
        len(house.rows("select * from order_lines")) == 2 and len(house.rows("select * from payments")) == 1
    )
    assert [one["url"] for one in api.get("/search?q=%23R-1")["items"]] == [order["url"]]


def test_another_order_under_the_same_number_is_refused(house: House) -> None:
    shop = jo(house).api("shop")
    shop.post("/orders", TOLD)
    house.api().post("/customers", {"reference": "d", "name": "Di"})
    for change in (
        {"customer": "d"},
        {"shipping": "6.00", "total": "61.00"},
        {"lines": LINES[:1], "total": "50.00"},
    ):
        refused(house, shop, "/orders", {**TOLD, **change}, "order_differs", "reference")


def test_a_payment_pays_one_order_in_one_currency(house: House) -> None:
    shop, paid = jo(house).api("shop"), house.pay(6000)
    shop.post("/orders", {**TOLD, "payment": paid})
    house.drain()
    words = refused(
        house, shop, "/orders", {**TOLD, "reference": "R-2", "payment": paid}, "payment_taken", "payment"
    )
    assert "another order" in words
    yen = house.pay(6000, currency="jpy")
    house.drain()
    refused(house, shop, "/orders", {**TOLD, "reference": "R-3", "payment": yen}, "other_currency", "payment")
    early = house.pay(6000, currency="jpy")  # told before we have read it
    made = shop.post("/orders", {**TOLD, "reference": "R-4", "payment": early})
    house.drain()
    assert house.api().get(made["subject"])["status"] == "awaiting_payment"
    asked = {"amount": "1.00", "reason": "goodwill"}
    refused(house, house.api(), f"{made['subject']}/refund", asked, "not_refundable", "payment")


def test_a_gift_needs_no_payment(house: House) -> None:
    shop = jo(house).api("shop")
    gift = {**TOLD, "discount": "69.50", "total": "0.00"}
    made = shop.post("/orders", gift)
    assert house.api().get(made["subject"])["status"] == "ready"


def test_what_is_needed_and_who_may(house: House) -> None:
    invalid(house, house.api(), "/orders", {}, "reference", "customer", "lines", "total")
    words = invalid(house, jo(house).api(), "/orders", {**TOLD, "total": "60.01"}, "total")["total"][0]
    assert words == "Lines, shipping and tax less the discount make $60.00, not $60.01."
    for role in ("support", "auditor", "finance", "admin", "clinician"):
        denied(house, role, "/orders", TOLD)


def test_where_it_ships_is_kept_as_it_was_told(house: House) -> None:
    shop, api = jo(house).api("shop"), house.api()
    body = {**TOLD, "ship_to": ADDRESS}
    made = shop.post("/orders", body)
    kept = {**ADDRESS, "line2": "", "zip": "94107-1234", "country": "US"}
    assert api.get(made["subject"])["ship_to"] == kept
    page = house.page("support").get(made["subject"])
    assert "Ships to" in page and "12 Pine Street" in page and "San Francisco, CA 94107-1234" in page
    with_dash = {**ADDRESS, "zip": "94107-1234", "country": "US"}
    for again in (body, TOLD, {**TOLD, "ship_to": with_dash}):
        assert shop.post("/orders", again)["subject"] == made["subject"]
    moved = {**TOLD, "ship_to": {**ADDRESS, "line2": "Apt 3"}}
    assert "another address" in refused(house, shop, "/orders", moved, "order_differs", "ship_to")
    assert api.get(made["subject"])["ship_to"] == kept


def test_an_order_may_come_without_an_address(house: House) -> None:
    made = jo(house).api("shop").post("/orders", TOLD)
    assert house.api().get(made["subject"])["ship_to"] is None
    assert "Ships to" not in house.page("support").get(made["subject"])
    refused(
        house, house.api("shop"), "/orders", {**TOLD, "ship_to": ADDRESS}, "order_differs", "ship_to"
    )  # what was left out was left out


def test_an_address_must_be_one(house: House) -> None:
    shop = jo(house).api("shop")
    for change, words in (
        ({"state": "ZZ"}, "state: Two capital letters"), ({"state": "ca"}, "state: Two capital letters"),
        ({"zip": "9410"}, "zip: Five digits"), ({"zip": "94107-12"}, "zip: Five digits"),
        ({"zip": "９４１０７"}, "zip: Five digits"), ({"zip": "94107\n"}, "zip: Five digits"),
        ({"city": None}, "city: This is needed"), ({"line1": ""}, "line1: This is needed"),
        ({"name": "x" * 201}, "name: At most 200"), ({"country": "DE"}, "country: We ship within"),
    ):  # fmt: skip
        said = invalid(house, shop, "/orders", {**TOLD, "ship_to": {**ADDRESS, **change}}, "ship_to")
        assert [one[: len(words)] for one in said["ship_to"]] == [words], change
    invalid(house, shop, "/orders", {**TOLD, "ship_to": {"country": "US"}}, "ship_to")
    for wrong, field in (
        ({}, "ship_to"),
        ("x", "ship_to"),
        ({**ADDRESS, "planet": "Mars"}, "ship_to-planet"),
    ):
        invalid(house, shop, "/orders", {**TOLD, "ship_to": wrong}, field)
