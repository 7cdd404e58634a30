"""A customer's page stays small however long they have been with us."""

from __future__ import annotations

from ..house import House
from ..scenes import WINDOW, issue


def test_the_timeline_shows_the_newest_and_the_older_ones_when_asked(house: House) -> None:
    order = house.order("60.00")
    sam = house.page("support")
    assert "What happened before" not in sam.get(order["customer"])
    for _ in range(12):
        issue(house, order, "1.00")
    house.later(WINDOW)
    page = sam.get(order["customer"])
    assert page.count('class="entry ') == 20
    assert f'href="{order["customer"]}?older=1"' in page and "Recorded customer" not in page
    older = sam.get(f"{order['customer']}?older=1")
    assert older.count('class="entry ') > 20
    assert "Recorded customer" in older and "What happened before" not in older
