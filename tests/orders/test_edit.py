"""Editing an order before it is handed over: money, prescriptions, and two who edit at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsconsole.models import OrderStatus
from opsconsole.services.orders._bill import Bill

from ..fills.scenes import HOME, pharmacies, submitted
from ..house import House
from ..scenes import WINDOW, denied, invalid, issue, nothing_written, refused
from .test_cancel import put

STRONG = {"sku": "NC90", "name": "Night cream, 90 days", "kind": "otc", "needs_prescription": False}
CREAM = STRONG | {"sku": "RX1", "name": "Tretinoin", "kind": "prescription", "needs_prescription": True}


def bought(house: House, **more: Any) -> Any:
    """A paid order of two lines and shipping: 40.00 + 20.00 + 5.00, tax 6.50, total 71.50. Its JSON."""
    house.orders += 1
    shop = house.api("shop")
    shop.post("/customers", {"reference": "cust-1", "name": "Jo Field", "email": "cust-1@example.test"})
    for product in (STRONG, CREAM):
        shop.post("/products", product)
    made = shop.post(
        "/orders",
        {
            "reference": f"R{house.orders:04}", "customer": "cust-1", "shipping": "5.00", "tax": "6.50", "total": "71.50",
            "lines": [
                {"sku": "A", "name": "Wash", "quantity": 2, "unit_price": "20.00"},
                {"sku": "B", "name": "Soap", "quantity": 1, "unit_price": "20.00"},
            ],
            "payment": house.pay(7150), "ship_to": HOME,
        } | more,
    )  # fmt: skip
    house.drain()
    return house.api().get(made["subject"])


def line(order: Any, at: int = 0, **change: Any) -> dict[str, Any]:
    one = order["lines"][at]
    return {"line": one["line"], "seen": one["version"], **change}


def edit(house: House, order: Any, *lines: Any, status: int = 201, preview: bool = False, **more: Any) -> Any:
    url = f"{order['url']}/edit" + ("?preview=1" if preview else "")
    return house.api().post(url, {"lines": [*lines], **more}, 200 if preview else status)


def now(house: House, order: Any) -> Any:
    return house.api().get(order["url"])


def test_less_of_it_costs_less_and_the_preview_says_how_much_to_refund(house: House) -> None:
    order = bought(house)
    seen = edit(house, order, line(order, quantity=1), preview=True)["preview"]
    assert any("$22.00 less" in words for words in seen["warnings"]) and seen["promises"] == []
    edit(house, order, line(order, quantity=1))
    after = now(house, order)
    assert [one["quantity"] for one in after["lines"]] == [1, 1]
    assert [after[of]["amount"] for of in ("subtotal", "tax", "total")] == ["40.00", "4.50", "49.50"]
    assert (after["status"], after["payment_status"]) == ("ready", "paid")
    page = house.page("support").get(order["url"])
    assert "$22.00 more was paid than it costs now" in page.replace("</span>", "").replace(
        '<span class="money">', ""
    )
    issue(house, order, "22.00")


def test_more_of_it_waits_for_the_money_and_goes_on_when_it_is_there(house: House) -> None:
    order = bought(house)
    seen = edit(house, order, line(order, 1, quantity=2), preview=True)["preview"]
    assert any("$22.00 is to be paid" in words for words in seen["warnings"])
    edit(house, order, line(order, 1, quantity=2))
    after = now(house, order)
    assert (after["status"], after["payment_status"]) == ("awaiting_payment", "partially_paid")
    refused(house, house.api(), f"{order['url']}/submit", {}, "not_ready")
    edit(house, after, line(after, 1, quantity=1))
    after = now(house, order)
    assert (after["status"], after["payment_status"], after["total"]["amount"]) == ("ready", "paid", "71.50")


def test_another_product_a_line_more_and_a_line_less(house: House) -> None:
    order = bought(house)
    edit(
        house, order, line(order, 0, sku="NC90", quantity=1, unit_price="30.00"), line(order, 1, quantity=0),
        {"sku": "NC90", "quantity": 1, "unit_price": "10.00"}, note="Jo asked for it",
    )  # fmt: skip
    after = now(house, order)
    assert [(one["sku"], one["quantity"]) for one in after["lines"]] == [("NC90", 1), ("NC90", 1)]
    assert [one["version"] for one in after["lines"]] == [2, 1]
    assert after["subtotal"]["amount"] == "40.00"
    assert house.rows("select count(*) from order_lines where dropped_at is not null")[0][0] == 1
    assert "Jo asked for it" in house.page("support").get(order["url"])


def test_what_needs_another_prescription_waits_and_is_not_refused(house: House) -> None:
    pharmacies(house)
    order = bought(house)
    seen = edit(house, order, line(order, 0, sku="RX1", unit_price="20.00"), preview=True)["preview"]
    assert any(words.startswith("It will wait: ") for words in seen["warnings"]), seen["warnings"]
    edit(house, order, line(order, 0, sku="RX1", unit_price="20.00"))
    words = refused(house, house.api(), f"{order['url']}/submit", {}, "not_ready")
    assert "prescription" in words.lower()


def test_a_fill_that_was_only_planned_is_taken_back(house: House) -> None:
    pharmacies(house)
    order = bought(house)
    fill = submitted(house, order)
    edit(house, order, line(order, quantity=1))
    assert house.api().get(fill["url"])["status"] == "withdrawn"
    again = submitted(house, order)
    house.later(WINDOW)
    house.later(10)
    assert house.api().get(again["url"])["status"] == "acknowledged"
    assert len(house.sandbox.ledger("fill")) == 1


def test_two_edits_of_different_lines_both_hold(house: House) -> None:
    order = bought(house)
    edit(house, order, line(order, 0, quantity=1))
    edit(house, order, line(order, 1, quantity=3))
    assert [one["quantity"] for one in now(house, order)["lines"]] == [1, 3]


def test_two_edits_of_one_line_the_second_gets_the_difference(house: House) -> None:
    order = bought(house)
    done = edit(house, order, line(order, quantity=1))
    with nothing_written(house):
        no = edit(house, order, line(order, quantity=5), status=409)["refused"]
    assert (no["code"], no["line"], no["version"]) == ("line_changed", order["lines"][0]["line"], 2)
    changed = no["changed"]
    assert (changed["by"], changed["trace"]) == ("token demo", f"/traces/{done['trace']}")
    assert {"field": "quantity", "from": 2, "to": 1} in changed["changes"] and changed["at"]
    assert house.api().get(changed["trace"])["entries"] and house.api().get(changed["entry"])
    edit(house, order, line(order, quantity=5) | {"seen": no["version"]})
    assert now(house, order)["lines"][0]["quantity"] == 5


def test_two_edits_of_one_line_at_once_one_wins(house: House) -> None:
    order = bought(house)
    body = {"lines": [line(order, quantity=1)]}
    codes: list[int] = []

    def go() -> None:
        client = house.app.test_client(use_cookies=False)
        answer = client.post(f"{order['url']}/edit", json=body, headers=house.api().headers)
        codes.append(answer.status_code)

    both = [threading.Thread(target=go) for _ in "12"]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(codes) == [201, 409]


def test_a_line_that_somebody_dropped_is_told_too(house: House) -> None:
    order = bought(house)
    edit(house, order, line(order, quantity=0))
    no = edit(house, order, line(order, quantity=5), status=409)["refused"]
    assert no["code"] == "line_changed" and "dropped" in no["message"]


def test_refusals_write_nothing(house: House) -> None:
    order, api = bought(house), house.api()
    url = f"{order['url']}/edit"
    at = "lines-0-quantity"
    invalid(house, api, url, {"lines": []}, "lines")
    invalid(house, api, url, {"lines": [line(order)]}, "lines")  # nothing asked
    for wrong in (
        line(order, quantity=2),  # as it is
        line(order, sku="nobody", unit_price="1.00"),
        line(order, sku="NC90"),  # no price
        line(order, quantity=1, unit_price="1.00"),  # the price alone
        line(order, quantity=1) | {"seen": 9},
        line(order, quantity=1) | {"line": "lin_nobody"},
        {"sku": "NC90", "unit_price": "1.00"},
    ):
        invalid(house, api, url, {"lines": [wrong]}, at)
    invalid(house, api, url, {"lines": [line(order, quantity=1), line(order, quantity=0)]}, at)
    both = [line(order, 0, quantity=0), line(order, 1, quantity=0)]
    refused(house, api, url, {"lines": both}, "not_editable", "lines")
    for role in ("clinician", "finance", "admin", "auditor", "shop"):
        denied(house, role, url, {"lines": [line(order, quantity=1)]})
    for status in ("submitted", "at_pharmacy", "shipped", "canceled"):
        put(house, order["url"], OrderStatus(status))
        refused(house, api, url, {"lines": [line(order, quantity=1)]}, "not_editable")


def test_no_line_costs_less_than_what_went_back_for_it(house: House) -> None:
    order, api = bought(house), house.api()
    first = order["lines"][0]["line"]
    api.post(f"{order['url']}/refund", {"lines": [{"line": first, "amount": "30.00"}], "reason": "goodwill"})
    house.later(WINDOW)
    for quantity in (0, 1):  # one costs 22.00 with its tax
        said = refused(
            house,
            api,
            f"{order['url']}/edit",
            {"lines": [line(order, quantity=quantity)]},
            "not_editable",
            "lines",
        )
        assert "$30.00 was given back" in said
    edit(house, order, line(order, quantity=3))


def test_the_second_click_changes_nothing(house: House) -> None:
    order, api = bought(house), house.api()
    body = {"lines": [line(order, quantity=1)]}
    first = api.post(f"{order['url']}/edit", body, key="one")
    with nothing_written(house):
        assert api.post(f"{order['url']}/edit", body, key="one") == first


def test_a_held_order_can_be_edited_and_returns_to_where_it_belongs(house: House) -> None:
    from .test_hold import held

    order, api = bought(house), house.api()
    held(house, order)
    edit(house, order, line(order, quantity=3))
    assert now(house, order)["status"] == "on_hold"
    api.post(f"{order['url']}/release", {})
    assert now(house, order)["status"] == "awaiting_payment"


def test_sam_and_lee_edit_the_same_line_on_their_pages(house: House) -> None:
    order = bought(house)
    first = order["lines"][0]["line"]
    sam, lee = house.page("support"), house.page("ops_lead")
    url = f"{order['url']}/edit"
    sam.get(url)
    lee.get(url)
    untouched = {"lines-1-line": order["lines"][1]["line"], "lines-1-seen": "1", "lines-1-quantity": ""}
    asked = {"lines-0-line": first, "lines-0-seen": "1", **untouched}
    assert "$22.00 less" in lee.submit(f"{url}?preview=1", {**asked, "lines-0-quantity": "1"})
    lee.submit(url, {**asked, "lines-0-quantity": "1"})
    page = sam.submit(url, {**asked, "lines-0-quantity": "3"}, 409)
    assert (
        "Lee Okafor changed it meanwhile" in page
        and "Take mine: 3 × A" in page
        and "Keep theirs: 1 × A" in page
    )
    assert 'name="lines-0-seen" value="2"' in page and "/traces/" in page
    torn = {**asked, "lines-0-seen": "2", "lines-0-quantity": "3"}
    page = sam.submit(f"{url}?preview=1", {**torn, "lines-0-keep": "theirs"})
    assert "Change one line at least" in page and "Keep theirs" in page
    sam.submit(url, {**torn, "lines-0-keep": "mine"})
    assert now(house, order)["lines"][0]["quantity"] == 3


MINOR = st.integers(0, 10**9)


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(MINOR, MINOR, MINOR, MINOR, MINOR)
def test_a_bill_adds_up_and_its_tax_stays_in_proportion(
    subtotal: int, shipping: int, tax: int, discount: int, then: int
) -> None:
    before = Bill(subtotal, shipping, tax, min(discount, subtotal + shipping + tax))
    after = before.with_lines(then)
    assert min(after.subtotal, after.shipping, after.tax, after.discount, after.total) >= 0
    assert before.with_lines(subtotal) == before or before.discount > subtotal + shipping
    if before.taxed:
        assert abs(after.tax - before.tax * after.taxed / before.taxed) <= 0.5 + 1e-6 * after.tax


@pytest.mark.parametrize("quantity", [-1, 1001])
def test_so_many_are_no_number_of_pieces(house: House, quantity: int) -> None:
    order = bought(house)
    with nothing_written(house):
        edit(house, order, line(order, quantity=quantity), status=422)
