"""Looking changes nothing: every GET, as everybody, leaves the database as it was."""

from __future__ import annotations

import pytest

from ..house import PEOPLE, House
from .doors import urls

ASVS = {"3.5.3": "GET changes nothing", "14.2.1": "nothing private in an address"}
# Bookkeeping: when a session was last seen, who looked at what, what was asked of a vendor.
BOOKKEEPING = {
    "sign_ins",
    "failed_sign_ins",
    "phi_views",
    "views",
    "security_log",
    "security_events",
    "mention_reads",
}


@pytest.mark.parametrize("role", [*PEOPLE])
def test_no_get_writes(house: House, role: str) -> None:
    order = house.order()
    house.api().post(f"{order['url']}/refund", {"amount": "5.00", "reason": "goodwill"}, 201)
    house.drain()
    ids = {f"{noun}_id": row[0] for noun, table in
           (("order", "orders"), ("customer", "customers"), ("payment", "payments"), ("refund", "refunds"))
           for row in house.rows(f"select id from {table} limit 1")}  # fmt: skip
    page = house.page(role)
    before = house.checksum()
    answered = set()
    for url in urls(house, **ids):
        for headers in ({"Accept": "text/html"}, {"Accept": "text/html", "HX-Request": "true"}):
            answer = page.client.get(url, headers=headers)
            answered.add(answer.status_code)
            answer.close()
    assert {200, 404} <= answered
    after = house.checksum()
    changed = {table for table in after if after[table] != before.get(table)} - BOOKKEEPING
    assert not changed, changed
