"""A limit is changed by two, who see what it would have meant, and is changed back to exactly what it was."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest

from ..approvals.scenes import agreed, ask
from ..house import House
from ..scenes import invalid, refused
from ..staff.scenes import WHY, limit_url, second_admin, takes_two


def behaviour(house: House, key: str) -> list[tuple[str, int]]:
    """What support gets for amounts around every limit: a snapshot of how the console behaves."""
    found = []
    for number, amount in enumerate(("49.99", "50.00", "50.01", "100.00", "100.01", "300.00", "300.01")):
        order = house.order("400.00", customer=f"{key}-{number}")
        url = f"{order['url']}/refund?preview=1"
        answer = house.app.test_client(use_cookies=False).post(
            url, json={"amount": amount, "reason": "goodwill"}, headers=house.api("support").headers
        )
        told = answer.get_json()
        found.append(
            (amount, 202 if answer.status_code == 200 and told["preview"]["approval"] else answer.status_code)
        )
    return found


def test_a_change_holds_at_once_and_changing_back_restores_it(house: House) -> None:
    url, api = limit_url(house, "support", "customer_7d"), house.api("admin")
    before, behaved = api.get(url), behaviour(house, "a")
    body = {"alone": "50.00", "at_most": "100.00", **WHY}
    seen, done = takes_two(house, f"{url}/change", body)
    assert [(c["field"], c["from"], c["to"]) for c in seen["changes"]] == [
        ("alone", "$100.00", "$50.00"), ("at_most", "$300.00", "$100.00"),
    ]  # fmt: skip
    assert done["act"] == "limits.change"
    changed = behaviour(house, "b")
    assert changed != behaved and ("50.01", 202) in changed and ("100.01", 409) in changed
    newest, first = api.get(url)["versions"]
    assert (newest["alone"], newest["reason"], first["alone"], first["at_most"]) == (
        5000,
        WHY["reason"],
        10000,
        30000,
    )
    root, ann = house.page("admin"), second_admin(house)
    page = root.get(url)
    back = page.split('href="/limits/')[-1].split('"')[0].replace("&amp;", "&")
    assert "alone=100.00" in back and "at_most=300.00" in back
    root.get(f"/limits/{back}")
    filled = {name: values[0] for name, values in parse_qs(back.partition("?")[2]).items()}
    root.submit(f"{url}/change", filled)
    ann.get(f"{root.url}/approve")
    ann.submit(f"{root.url}/approve", {"note": ""})
    after = api.get(url)
    assert {k: after[k] for k in ("alone", "at_most")} == {k: before[k] for k in ("alone", "at_most")}
    assert behaviour(house, "c") == behaved and len(after["versions"]) == 3


def test_the_preview_tells_what_it_would_have_meant(house: House) -> None:
    """Support gave 60, then 30 to the same customer, and 90 to another; ops lead's 200 is not support's."""
    one, two = house.order("400.00", customer="one"), house.order("400.00", customer="two")
    for order, amount in ((one, "60.00"), (one, "30.00"), (two, "90.00")):
        assert ask(house, order, amount).status_code == 201
    assert ask(house, two, "200.00", "ops_lead").status_code == 201
    url = f"{limit_url(house, 'support', 'customer_7d')}/change?preview=1"
    told = house.api("admin").post(url, {"alone": "65.00", "at_most": "89.00", **WHY}, 200)["preview"][
        "warnings"
    ]
    assert told == [
        "Of the refunds of the last 30 days 3 ($180.00) needed nobody else, 0 ($0.00) a second person, "
        "0 ($0.00) would be refused under the limit as it is.",
        "Under the new one 1 ($60.00) needed nobody else, 0 ($0.00) a second person, 2 ($120.00) would be refused.",
    ]
    told = house.api("admin").post(url, {"alone": "65.00", "at_most": "90.00", **WHY}, 200)["preview"][
        "warnings"
    ]
    assert "1 ($60.00) needed nobody else, 2 ($120.00) a second person, 0" in told[1]
    house.advance(8 * 24 * 3600)
    assert ask(house, one, "20.00").status_code == 201  # what was given a week ago counts no more
    told = house.api("admin").post(url, {"alone": "65.00", "at_most": "90.00", **WHY}, 200)["preview"][
        "warnings"
    ]
    assert "2 ($80.00) needed nobody else, 2 ($120.00)" in told[1]


def test_what_is_refused(house: House) -> None:
    api, url = house.api("admin"), f"{limit_url(house, 'support', 'actor_day')}/change"
    refused(house, api, url, {"alone": "1000.00", "at_most": "1000.00", **WHY}, "same_as_before")
    invalid(house, api, url, {"alone": "2.00", "at_most": "1.00", **WHY}, "at_most")
    invalid(house, api, url, {"alone": "-1.00", **WHY}, "alone")
    invalid(house, api, url, {"alone": "1000000.01", **WHY}, "alone")
    invalid(house, api, url, {}, "alone", "reason")


@pytest.mark.parametrize("measure", ["customer_7d", "customer_30d", "actor_day"])
@pytest.mark.parametrize("over", [-1, 0, 1])
def test_the_boundary_of_each_measure_to_the_cent(house: House, measure: str, over: int) -> None:
    """One measure at a time has a limit of 100.00 alone and 200.00 at most; the others allow anything."""
    for other in ("customer_7d", "customer_30d", "actor_day"):
        amounts = {"alone": "100.00", "at_most": "200.00"} if other == measure else {"alone": "9000.00"}
        url = f"{limit_url(house, 'finance', other)}/change"
        agreed(house, house.api("admin").post(url, {**amounts, **WHY}, 202), "admin")
    order = house.order("500.00")
    assert ask(house, order, "40.00", "finance").status_code == 201
    assert _asked(house, order, 6000 + over) == (202 if over > 0 else 201)
    assert _asked(house, order, 16000 + over) == (409 if over > 0 else 202)


def _asked(house: House, order: Any, cents: int) -> int:
    """What a preview says: 201, 202 or 409, without doing it."""
    body = {"amount": f"{cents / 100:.2f}", "reason": "goodwill"}
    answer = house.app.test_client(use_cookies=False).post(
        f"{order['url']}/refund?preview=1", json=body, headers=house.api("finance").headers
    )
    if answer.status_code != 200:
        return answer.status_code
    return 202 if answer.get_json()["preview"]["approval"] else 201
