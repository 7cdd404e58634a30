"""How many statements a page sends: a number that must not grow with its rows."""

from __future__ import annotations

import pytest

from .house import House
from .scenes import WINDOW, issue
from .statements import statements


def busy(house: House) -> list[dict[str, str]]:
    """Three paid orders of three customers; the first has two refunds."""
    orders = [house.order("60.00", customer=f"cust-{n}") for n in range(3)]
    for amount in ("10.00", "5.00"):
        issue(house, orders[0], amount)
        house.later(WINDOW)
    return orders


@pytest.mark.parametrize(("path", "at_most"), [("/orders", 2), ("{order}", 24), ("{order}/refund", 9)])
def test_a_page_sends_few_statements(house: House, path: str, at_most: int) -> None:
    [order, *_] = busy(house)
    sam = house.page("support")
    url = path.format(order=order["url"])
    sam.get(url)
    with statements(house) as sent:
        sam.get(url)
    assert len(sent) <= at_most, "\n\n".join(query for query, _ in sent)


def test_a_list_sends_as_many_for_three_rows_as_for_one(house: House) -> None:
    house.order("60.00")
    api, sam = house.api(), house.page("support")
    counts = []
    for _ in range(2):
        with statements(house) as sent:
            rows = len(api.get("/orders")["items"])
            sam.get("/orders")
        counts.append((rows, len(sent)))
        house.order("60.00", customer="cust-2")
        house.order("60.00", customer="cust-3")
    (few, before), (many, after) = counts
    assert few < many and before == after <= 10, counts


def test_who_asks_is_one_statement(house: House) -> None:
    sam, api = house.page("support"), house.api()
    with statements(house) as of_a_person:
        sam.get("/search")
    with statements(house) as of_a_program:
        api.get("/search?q=")
    assert len(of_a_person) == len(of_a_program) == 1


def test_an_exact_id_is_one_read_and_a_fragment_few(house: House) -> None:
    order = house.order("60.00")
    api = house.api()
    for text, at_most in ((order["id"], 2), (order["reference"], 3), ("exampl", 4)):
        with statements(house) as sent:
            assert api.get(f"/search?q={text}")["items"]
        assert len(sent) <= at_most, (text, [query for query, _ in sent])
        assert not any(" OR " in query for query, _ in sent)
