"""What looks like an attempt to get where one may not is one line of the security log, without a word of what was sent."""

from __future__ import annotations

import io
import json
from typing import Any

from ..house import House

ASVS = {
    "16.3.2": "refused rights are logged",
    "16.3.3": "attempts to get around controls are logged",
    "16.4.1": "nothing that is sent makes a line of a log",
}


def lines(said: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.getvalue().splitlines()]


def test_rights_that_one_lacks(house: House, said: io.StringIO) -> None:
    order = house.order("30.00")
    auditor, shop = house.api("auditor"), house.api("shop")
    auditor.post(f"{order['url']}/refund", {"amount": "1.00", "reason": "goodwill"}, 403)
    shop.get("/staff", 403)
    by_act, by_page = (line for line in lines(said) if line["event"] == "denied")
    assert (by_act["act"], by_page["act"]) == ("refunds.issue", "staff.read")
    for line in (by_act, by_page):
        assert line["by"].startswith("tok_") and line["remote"] == "127.0.0.1"


def test_forms_from_elsewhere_and_odd_addresses(house: House, said: io.StringIO) -> None:
    client = house.app.test_client()
    client.post("/sign-in", data={"email": "x", "password": "y"})
    client.post("/sign-in", headers={"Sec-Fetch-Site": "cross-site"})
    assert [line["event"] for line in lines(said)] == ["form_without_its_token", "refused_at_the_edge"]


def test_what_was_sent_makes_no_line_and_is_not_told(house: House, said: io.StringIO) -> None:
    forged = "x%0a%7b%22event%22%3a%22forged%22%7d"
    house.api("auditor").post(f"/orders/{forged}/refund", {"amount": "1.00"}, 403)
    house.app.test_client().post(f"/orders/{forged}/refund", data={"reason": "forged"})
    assert len(lines(said)) == 2
    assert "forged" not in said.getvalue() and "%0a" not in said.getvalue()
