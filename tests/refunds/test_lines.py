"""Giving money back line by line: what each part of an order cost, and never more than that."""

from __future__ import annotations

import html
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsconsole.lib.money import Money, exponent
from opsconsole.services.refunds._allocate import Share, allocate, share, split

from ..house import House, PageClient
from ..scenes import (
    WINDOW,
    invalid,
    nothing_written,
    only_case,
    paid_back,
    payment_id,
    processor,
    refund_elsewhere,
    refused,
)  # fmt: skip

# ------------------------------------------------------------ the arithmetic


@st.composite
def carts(draw: st.DrawFn) -> dict[str, Any]:
    """Any cart a shop can record, in minor units: free lines, discounts above the subtotal, tax on nothing."""
    unit = 10 ** exponent(draw(st.sampled_from(["usd", "jpy", "kwd"])))
    price = st.one_of(st.integers(0, 300 * unit), st.sampled_from([0, 1, 2, 3, 9_999_999 * unit]))
    lines = draw(st.lists(price, min_size=1, max_size=12))
    shipping, tax = draw(st.integers(0, 20 * unit)), draw(st.integers(0, 50 * unit))
    discount = draw(st.one_of(st.just(0), st.integers(0, sum(lines) + shipping + tax)))
    return {"lines": lines, "shipping": shipping, "tax": tax, "discount": discount}


@settings(max_examples=300, deadline=None)
@given(cart=carts())
def test_every_cart_is_shared_out_to_the_last_cent(cart: dict[str, Any]) -> None:
    lines, shipping, tax, discount = cart["lines"], cart["shipping"], cart["tax"], cart["discount"]
    paid = allocate(lines, shipping=shipping, tax=tax, discount=discount)
    gross = [*lines, shipping]
    assert sum(one.total for one in paid) == sum(gross) + tax - discount
    assert all(0 <= one.net <= cost and one.tax >= 0 for one, cost in zip(paid, gross, strict=True))
    if discount <= sum(lines):
        assert paid[-1].net == shipping
        for one, cost in zip(paid[:-1], lines, strict=True):  # in proportion, within one minor unit
            assert abs((cost - one.net) * sum(lines) - discount * cost) < max(sum(lines), 1)
    base = sum(one.net for one in paid)
    if base:
        charged = sum(one.tax for one in paid)
        assert all(abs(one.tax * base - charged * one.net) < base for one in paid)


@settings(max_examples=100, deadline=None)
@given(cart=carts(), data=st.data())
def test_a_line_refunded_in_any_steps_gives_back_exactly_its_net_and_its_tax(
    cart: dict[str, Any], data: st.DataObject
) -> None:
    for whole in allocate(
        cart["lines"], shipping=cart["shipping"], tax=cart["tax"], discount=cart["discount"]
    ):
        left, steps = whole, []
        while left.total:
            amount = data.draw(st.integers(1, left.total)) if len(steps) < 4 else left.total
            step = split(amount, left)
            assert step.total == amount and 0 <= step.net <= left.net and 0 <= step.tax <= left.tax
            steps.append(step)
            left = Share(left.net - step.net, left.tax - step.tax)
        assert (sum(one.net for one in steps), sum(one.tax for one in steps)) == (whole.net, whole.tax)


@pytest.mark.soak
def test_so_it_is_of_twenty_thousand_carts() -> None:
    for property in (
        test_every_cart_is_shared_out_to_the_last_cent,
        test_a_line_refunded_in_any_steps_gives_back_exactly_its_net_and_its_tax,
    ):
        settings(max_examples=20_000, deadline=None)(property)()


def test_what_cannot_be_divided_goes_to_the_largest_remainders() -> None:
    assert share(100, [1, 1, 1]) == [34, 33, 33]
    assert share(5, [3, 3, 4]) == [2, 1, 2]  # 1.5, 1.5, 2: the first of two equals
    assert share(1, [1, 2]) == [0, 1]
    assert allocate([5000, 2000], shipping=500, tax=408, discount=700) == [
        Share(4500, 270),
        Share(1800, 108),
        Share(500, 30),
    ]
    assert allocate([1000], shipping=500, tax=0, discount=1200) == [Share(0, 0), Share(300, 0)]
    assert allocate([], shipping=500, tax=40, discount=0) == [Share(500, 40)]
    assert allocate([0], shipping=0, tax=40, discount=0) == [Share(0, 0), Share(0, 40)]


# ------------------------------------------------------------ through the doors


def basket(house: House, reference: str = "B1", currency: str = "usd") -> dict[str, Any]:
    """Two creams (47.70 with tax after discount), a sunscreen (19.08), shipping (5.30): 72.08 paid."""
    scale = {"usd": "{:.2f}", "jpy": "{:.0f}", "kwd": "{:.3f}"}[currency]
    factor = 100 if currency == "jpy" else 1

    def amount(value: float) -> str:
        return scale.format(value * factor)

    shop = house.api("shop")
    minor = Money.parse(amount(72.08), currency).minor
    shop.post("/customers", {"reference": "c1", "name": "Jo Field", "email": "jo@example.test"}, 201)
    made = shop.post(
        "/orders",
        {
            "reference": reference, "customer": "c1", "currency": currency, "payment": house.pay(minor, currency=currency),
            "lines": [
                {"sku": "NC60", "name": "Night cream", "quantity": 2, "unit_price": amount(25)},
                {"sku": "SPF", "name": "Sunscreen", "quantity": 1, "unit_price": amount(20)},
            ],
            "shipping": amount(5), "tax": amount(4.08), "discount": amount(7), "total": amount(72.08),
        },
    )  # fmt: skip
    house.drain()
    order: dict[str, Any] = house.api().get(made["subject"])
    return order


def lines_of(order: dict[str, Any]) -> tuple[str, str]:
    cream, sunscreen = (line["line"] for line in order["lines"])
    return cream, sunscreen


def left(house: House, order: dict[str, Any]) -> list[str]:
    """What is left of each line, then of shipping."""
    now = house.api().get(order["url"])
    return [one["refundable"]["amount"] for one in now["lines"]] + [now["shipping_refundable"]["amount"]]


def asking(*lines: tuple[str, str] | str, **more: Any) -> dict[str, Any]:
    named = [{"line": one} if isinstance(one, str) else {"line": one[0], "amount": one[1]} for one in lines]
    return {"reason": "damaged", **({"lines": named} if named else {}), **more}


def test_two_lines_with_shipping_go_all_the_way(house: House) -> None:
    order, api = basket(house), house.api()
    assert left(house, order) == ["47.70", "19.08", "5.30"]
    url, (cream, sunscreen) = f"{order['url']}/refund", lines_of(order)
    asked = asking((cream, "20.00"), sunscreen, shipping="5.30")
    seen = api.post(f"{url}?preview=1", asked, 200)["preview"]
    told = {(c["on"], c["field"]): c["to"] for c in seen["changes"] if c["field"] in ("amount", "tax")}
    assert told == {
        ("refund", "amount"): "$44.38",
        ("refund of line 1, NC60", "amount"): "$20.00", ("refund of line 1, NC60", "tax"): "$1.13",
        ("refund of line 2, SPF", "amount"): "$19.08", ("refund of line 2, SPF", "tax"): "$1.08",
        ("refund of shipping", "amount"): "$5.30", ("refund of shipping", "tax"): "$0.30",
    }  # fmt: skip
    done = api.post(url, asked, 201, match=seen["hash"])
    house.later(WINDOW)
    refund = api.get(done["subject"])
    assert refund["status"] == "succeeded" and refund["amount"]["amount"] == "44.38"
    assert [(one["line"], one["amount"]["amount"], one["tax"]["amount"]) for one in refund["lines"]] == [
        (cream, "20.00", "1.13"),
        (sunscreen, "19.08", "1.08"),
    ]
    assert refund["shipping"]["amount"]["amount"] == "5.30"
    assert left(house, order) == ["27.70", "0.00", "0.00"] and paid_back(house) == [4438]


def test_the_rest_of_a_line_and_not_a_cent_more(house: House) -> None:
    order, api = basket(house), house.api()
    url, (cream, sunscreen) = f"{order['url']}/refund", lines_of(order)
    api.post(url, asking((cream, "47.69")))
    words = refused(house, api, url, asking(sunscreen, (cream, "0.02")), "not_refundable", "lines-1-amount")
    assert words == "At most $0.01 of line 1, NC60 can be refunded."
    rest = api.post(url, asking(cream))
    refund = api.get(rest["subject"])
    assert refund["amount"]["amount"] == "0.01"
    words = refused(house, api, url, asking(cream), "not_refundable", "lines-0-amount")
    assert words == "Nothing is left to refund of line 1, NC60."
    words = refused(house, api, url, asking(shipping="5.31"), "not_refundable", "shipping")
    assert words == "At most $5.30 of shipping can be refunded."
    taxes = house.rows("select sum(amount), sum(tax) from refund_lines where line_id = :id", id=cream)
    assert [int(one) for one in taxes[0]] == [4770, 270]


def test_all_lines_and_shipping_are_all_that_was_paid_in_every_currency(house: House) -> None:
    for number, currency in enumerate(("usd", "jpy", "kwd")):
        order, api = basket(house, f"B{number}", currency), house.api()
        house.lift_limits()
        shipping = order["shipping_refundable"]["amount"]
        done = api.post(f"{order['url']}/refund", asking(*lines_of(order), shipping=shipping))
        assert api.get(done["subject"])["amount"] == order["total"]
        assert api.get(order["url"])["refundable"]["amount"] == Money(0, currency).amount
        assert set(left(house, order)) == {Money(0, currency).amount}


def test_what_the_payment_has_left_limits_the_lines_too(house: House) -> None:
    order, api = basket(house), house.api()
    url, (cream, _) = f"{order['url']}/refund", lines_of(order)
    api.post(url, {"amount": "40.00", "reason": "goodwill"})
    assert left(house, order) == ["47.70", "19.08", "5.30"]  # goodwill is of no line
    words = refused(house, api, url, asking(cream), "not_refundable", "lines")
    assert words == "At most $32.08 can be refunded."
    api.post(url, asking((cream, "32.08")))


def test_what_cannot_be_read_is_said_at_its_place(house: House) -> None:
    order, api = basket(house), house.api()
    other = house.order("10.00")["lines"][0]["line"]
    url, (cream, _) = f"{order['url']}/refund", lines_of(order)
    for asked, field in (
        (asking(cream, amount="1.00"), "amount"),
        (asking(shipping="1.00", amount="1.00"), "amount"),
        (asking(), "amount"),
        (asking(lines=[]), "amount"),
        (asking("lin_nowhere"), "lines-0-amount"),
        (asking(cream, other), "lines-1-amount"),
        (asking(cream, (cream, "1.00")), "lines-1-amount"),
        (asking((cream, "0.00")), "lines-0-amount"),
        (asking((cream, "-1.00")), "lines-0-amount"),
        (asking((cream, "1.001")), "lines-0-amount"),
        (asking(shipping="0"), "shipping"),
        (asking(shipping="much"), "shipping"),
        (asking(lines=[{"amount": "1.00"}]), "lines-0-amount"),
        (asking(lines=[{}]), "lines-0"),
        (asking(lines=["lin_1"]), "lines-0"),
        (asking(lines=[{"line": cream, "tax": "1.00"}]), "lines-0-tax"),
        (asking(lines="all"), "lines"),
    ):
        invalid(house, api, url, asked, field)


def test_two_at_once_never_refund_a_line_twice(house: House) -> None:
    order = basket(house)
    url, (_, sunscreen) = f"{order['url']}/refund", lines_of(order)

    def ask(number: int) -> int:
        api = house.api(("support", "finance")[number % 2])
        return api.client.post(url, json=asking((sunscreen, "9.54")), headers=api.headers).status_code

    with ThreadPoolExecutor(6) as people:
        assert sorted(people.map(ask, range(6))) == [201] * 2 + [409] * 4
    house.later(WINDOW)
    assert paid_back(house) == [954, 954] and left(house, order)[1] == "0.00"


def test_an_undone_refund_gives_its_lines_back(house: House) -> None:
    order, api = basket(house), house.api()
    done = api.post(f"{order['url']}/refund", asking(*lines_of(order), shipping="5.30"))
    assert left(house, order) == ["0.00", "0.00", "0.00"]
    api.post(done["undo"])
    assert left(house, order) == ["47.70", "19.08", "5.30"]


def test_a_refund_that_came_back_frees_its_lines_and_offers_the_same_again(house: House) -> None:
    order, api, sam = basket(house), house.api(), house.page("support")
    _, sunscreen = lines_of(order)
    done = api.post(f"{order['url']}/refund", asking((sunscreen, "10.00"), shipping="2.00"))
    house.later(WINDOW)
    house.sandbox.stripe.move_refund(
        api.get(done["subject"])["external_id"], "failed", failure_reason="declined"
    )
    house.drain()
    assert left(house, order) == ["47.70", "19.08", "5.30"]
    again = only_case(house, done["subject"])["suggests"]["url"]
    sam.get(f"{again}&reason=damaged")
    assert "Stripe refunds $12.00" in words(sam) and "New refund of line 2, SPF" in words(sam)
    assert ticked(sam) == [sunscreen]


def declined_lines(house: House, order: dict[str, Any]) -> tuple[Any, Any]:
    """The sunscreen, declined because somebody refunded elsewhere in the meantime; then that came back."""
    api, (_, sunscreen) = house.api(), lines_of(order)
    done = api.post(f"{order['url']}/refund", asking(sunscreen))
    elsewhere = refund_elsewhere(house, order, 6000)
    house.later(WINDOW)
    house.sandbox.stripe.move_refund(elsewhere, "failed", failure_reason="declined")
    house.drain()
    return api.get(done["subject"]), only_case(house, done["subject"])


def test_a_declined_refund_of_lines_is_tried_again_as_it_is_or_not_at_all(house: House) -> None:
    order, api = basket(house), house.api()
    refund, case = declined_lines(house, order)
    assert refund["status"] == "failed" and left(house, order)[1] == "19.08"
    url = f"{case['url']}/retry"
    said = refused(house, api, url, {"reason": "r", "fix": {"amount": "5.00"}}, "not_fixable", "fix")
    assert "single lines" in said
    api.post(url, {"reason": "The other one came back"})
    assert left(house, order)[1] == "0.00"
    house.drain()
    assert api.get(refund["url"])["status"] == "succeeded" and 1908 in paid_back(house)


def test_a_declined_refund_is_not_tried_again_for_a_line_that_went_otherwise(house: House) -> None:
    order, api = basket(house), house.api()
    _, case = declined_lines(house, order)
    api.post(f"{order['url']}/refund", asking((lines_of(order)[1], "19.00")))
    words = refused(house, api, f"{case['url']}/retry", {"reason": "r"}, "not_refundable", "fix")
    assert words == "At most $0.08 of line 2, SPF can be refunded."


# ------------------------------------------------------------ the page, without JavaScript


def words(person: PageClient) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", person.html)).split())


def ticked(person: PageClient) -> list[str]:
    return re.findall(r'type="checkbox" name="lines-\d+-line" value="(\w+)" checked', person.html)


def test_sam_ticks_lines_and_sees_what_they_come_to(house: House) -> None:
    order, sam = basket(house), house.page("support")
    cream, sunscreen = lines_of(order)
    url = f"{order['url']}/refund"
    sam.get(url)
    assert "Line 1, NC60 × 2 $47.70" in words(sam) and "Shipping $5.30" in words(sam) and ticked(sam) == []
    form = {
        "amount": "", "payment": "", "reason": "damaged", "note": "", "shipping": "5.30",
        "lines-0-line": cream, "lines-0-amount": "7.70", "lines-1-line": sunscreen, "lines-1-amount": "",
    }  # fmt: skip
    with nothing_written(house):
        sam.submit(f"{url}?preview=1", form)
    assert "Stripe refunds $32.08" in words(sam) and "Refund $32.08" in words(sam)
    assert ticked(sam) == [cream, sunscreen] and 'value="7.70"' in sam.html
    sam.submit(url, form)
    refund = sam.url
    assert "Refund of $32.08" in words(sam) and "Line 2, SPF $1.08 $19.08" in words(sam)
    sam.get(order["url"])
    assert "$50.00 $7.70" in words(sam) and "Refunded of shipping $5.30" in words(sam)
    sam.get(url)
    assert "$40.00 of $47.70" in words(sam) and len(re.findall(r"lines-1-\w+\"[^>]* disabled", sam.html)) == 2
    house.later(WINDOW)
    assert "Succeeded" in sam.get(refund) and paid_back(house) == [3208]


def test_a_mistake_stands_beside_its_line_and_nothing_typed_is_lost(house: House) -> None:
    order, sam = basket(house), house.page("support")
    cream, sunscreen = lines_of(order)
    url = f"{order['url']}/refund"
    sam.get(url)
    row = {"reason": "damaged", "lines-0-line": cream, "lines-0-amount": "47.71", "lines-1-amount": ""}
    with nothing_written(house):
        sam.submit(url, row, 409)
        assert beside(sam, "lines-0-amount") == "At most $47.70 of line 1, NC60 can be refunded."
        assert 'value="47.71"' in sam.html and ticked(sam) == [cream]
        sam.submit(url, {**row, "lines-0-amount": "1,5"}, 422)
        assert beside(sam, "lines-0-amount").startswith("Write an amount like")
        sam.submit(url, {"reason": "damaged", "lines-0-amount": "", "lines-1-amount": "2.00"}, 422)
        assert "Name the line" in beside(sam, "lines-1-amount") and 'value="2.00"' in sam.html
        sam.submit(url, {**row, "lines-0-amount": "", "amount": "5.00"}, 422)
        assert "Either an amount, or lines and shipping" in beside(sam, "amount") and ticked(sam) == [cream]
        sam.submit(url, {"reason": "damaged", "shipping": "6.00"}, 409)
        assert beside(sam, "shipping") == "At most $5.30 of shipping can be refunded."
    sam.submit(url, {"reason": "damaged", "lines-1-line": sunscreen, "lines-1-amount": "1.00"})
    assert "Refund of $1.00" in words(sam)


def beside(person: PageClient, field: str) -> str:
    """The words that stand as the error of a field."""
    found = re.search(rf'id="error-{field}">(.*?)</p>', person.html, re.S)
    assert found, f"nothing is said beside {field}"
    return html.unescape(re.sub(r"<[^>]+>", "", found[1])).strip()


def test_programs_are_told_of_lines(house: House) -> None:
    told = house.api().get("/openapi.json")["paths"]["/orders/{order_id}/refund"]["post"]
    body = told["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["properties"]["lines"]["items"]["properties"]) == {"line", "amount"}
    assert body["properties"]["shipping"]["type"] == "string" and "amount" not in body.get("required", [])


def test_the_processor_hears_only_of_the_sum(house: House) -> None:
    order, api = basket(house), house.api()
    api.post(f"{order['url']}/refund", asking(*lines_of(order)))
    house.later(WINDOW)
    [made] = processor(house).refunds.list({"payment_intent": payment_id(house, order)}).data
    assert made.amount == 6678 and "Night cream" not in str(made.to_dict())
