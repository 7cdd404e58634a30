"""A role gets a right or loses one: the preview names who, and it holds from the next click."""

from __future__ import annotations

from ..house import House
from ..scenes import invalid, refused
from ..staff.scenes import WHY, role_url, second_admin, takes_two


def test_who_gets_and_who_loses_stands_in_the_preview(house: House) -> None:
    sam, url = house.page("support"), role_url(house, "support")
    body = {"add": ["audit.read"], "remove": ["messages.send"], **WHY}
    seen, _ = takes_two(house, f"{url}/change", body)
    assert [(c["field"], c["from"], c["to"]) for c in seen["changes"]] == [
        ("audit.read", "denied", "allowed to Sam Rivera, token support"),
        ("messages.send", "allowed to Sam Rivera, token support", "denied"),
    ]
    assert sam.client.get("/audit").status_code == 200
    order = house.order("60.00")
    assert sam.client.get(f"{order['customer']}/message").status_code == 403
    told = house.api("auditor").get(url)
    assert "audit.read" in told["grants"] and "messages.send" not in told["grants"]
    assert told["holders"] == ["Sam Rivera", "token support"]


def test_in_the_browser_without_javascript(house: House) -> None:
    root, url = house.page("admin"), role_url(house, "auditor")
    ann = second_admin(house)
    root.get(f"{url}/change")
    root.submit(f"{url}/change", {"remove": ["inbox.read", "audit.read"], **WHY})
    assert "Mo Haddad" in ann.get(root.url)
    ann.get(f"{root.url}/approve")
    ann.submit(f"{root.url}/approve", {"note": ""})
    assert not {"inbox.read", "audit.read"} & {*house.api("admin").get(url)["grants"]}
    assert "loses audit.read, inbox.read" in ann.get(url)


def test_a_right_that_is_weighed_begins_with_nothing_alone(house: House) -> None:
    url = role_url(house, "clinician")
    takes_two(house, f"{url}/change", {"add": ["refunds.issue"], "remove": [], **WHY})
    order = house.order("60.00")
    asked = {"amount": "0.01", "reason": "goodwill"}
    assert house.api("clinician").post(
        f"{order['url']}/refund", asked, 403
    )  # it may not ask for a second person
    assert [(row.alone, row.at_most) for row in house.rows(
        "select alone, at_most from limits join roles on roles.id = role_id where roles.name = 'clinician'"
    )] == [(0, None)] * 3  # fmt: skip


def test_what_is_refused(house: House) -> None:
    api, url = house.api("admin"), f"{role_url(house, 'support')}/change"
    refused(house, api, url, {"add": ["orders.read"], "remove": ["staff.add"], **WHY}, "nothing_to_change")
    invalid(house, api, url, {"add": ["orders.fly"], "remove": ["x"], **WHY}, "add", "remove")
    invalid(house, api, url, {"add": ["audit.read"], "remove": ["audit.read"], **WHY}, "remove")
    invalid(house, api, url, {"add": "audit.read", **WHY}, "add")
    invalid(house, api, url, {"add": ["audit.read"]}, "reason")
    mine = f"{role_url(house, 'admin')}/change"
    refused(house, api, mine, {"remove": ["roles.change"], **WHY}, "last_admin")
