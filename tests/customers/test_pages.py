"""A customer's page stays small however long they have been with us."""

from __future__ import annotations

import re

from ..house import House
from ..scenes import WINDOW, issue


def test_the_page_shows_the_newest_entries_and_the_way_to_the_older_ones(house: House) -> None:
    order = house.order("60.00")
    sam = house.page("support")
    assert "timeline?after=" not in sam.get(order["customer"])
    for _ in range(6):
        issue(house, order, "1.00")
    house.later(WINDOW)
    page = sam.get(order["customer"])
    assert page.count('<li class="entry ') == 20 and "Recorded customer" not in page
    [older] = set(re.findall(r'href="([^"]+/timeline\?after=[^"]+)"', page))
    assert "Recorded customer" in sam.get(older)
