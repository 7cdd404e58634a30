"""The team board: every number is the length of its list, and nothing on it is about a customer."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from opsconsole.db import now

from ..house import House
from ..scenes import declined
from .scenes import id_of, planted


def busy(house: House) -> None:
    declined(house)
    with house.app.app_context():
        at = now()
    sam, lee = id_of(house, "support"), id_of(house, "ops_lead")
    planted(house, 3, owner_id=sam, team="support")
    planted(house, 2, due_at=at - timedelta(hours=1))
    planted(house, 1, due_at=at - timedelta(hours=1), snoozed_until=at + timedelta(days=1), owner_id=lee)
    ended: dict[str, Any] = {"status": "resolved", "resolved_at": at}
    planted(house, 2, **ended, resolved_by=lee, reopened_at=at)
    planted(house, 1, **ended, resolved_by=sam, team="support")
    planted(house, 1, **ended)  # solved by itself
    planted(
        house,
        2,
        **ended | {"resolved_at": at - timedelta(days=9)},
        created_at=at - timedelta(days=10),
        resolved_by=lee,
    )
    planted(house, 1, **ended | {"resolved_at": at - timedelta(days=40)}, resolved_by=lee)


def test_every_number_is_the_length_of_its_list(house: House) -> None:
    busy(house)
    api = house.api()
    told = api.get("/team")
    seen = set()
    for line in [*told["teams"], *told["people"]]:
        for name, number in line.items():
            if isinstance(number, dict):
                assert len(api.get(number["url"])["items"]) == number["value"], (line["name"], name)
                seen.add((name, number["value"] > 0))
    assert {name for name, some in seen if some} == {
        "open", "claimed", "breached", "snoozed", "done_today", "done_month", "reopened",
    }  # fmt: skip
    [lee] = [line for line in told["people"] if line["name"] == "Lee Okafor"]
    assert (lee["reopen_rate"], lee["done_today"]["value"], lee["done_month"]["value"]) == (0.5, 2, 4)
    assert round(lee["to_done"]) == (3600 + 86400) / 2


def test_who_sees_no_health_data_sees_no_identifier_at_all(house: House) -> None:
    busy(house)
    people = {row.id for row in house.rows("select id from staff")}
    for role in ("auditor", "finance", "support"):
        page = house.page(role).get("/team")
        ids = set(re.findall(r"\b(?!tmp_)[a-z]{2,4}_[0-9a-z]{26}\b", page))
        assert ids <= people, ids - people
        for word in ("Jo Field", "cust-1", "example.test", "sent it back", "Visa"):
            assert word not in page.partition("<main")[2], word
    assert "Median time to done" in page and 'href="/cases?status=open&amp;team=ops' in page
