"""Another role: from the next click on, and never for oneself."""

from __future__ import annotations

from ..approvals.scenes import decide
from ..house import PASSWORD, House, PageClient
from ..scenes import invalid, refused
from .scenes import WHY, person, second_admin, takes_two


def test_the_next_click_is_with_the_new_role(house: House) -> None:
    sam, url = house.page("support"), person(house, "support")
    assert sam.client.get("/audit").status_code == 403
    seen, done = takes_two(house, f"{url}/change_role", {"role": "auditor", **WHY})
    assert [(c["field"], c["from"], c["to"]) for c in seen["changes"]] == [("role", "support", "auditor")]
    assert done["act"] == "staff.change_role"
    assert sam.client.get("/audit").status_code == 200 and house.api("admin").get(url)["role"] == "auditor"


def test_what_is_refused(house: House) -> None:
    api, url = house.api("admin"), f"{person(house, 'support')}/change_role"
    refused(house, api, url, {"role": "support", **WHY}, "has_that_role", "role")
    refused(house, api, url, {"role": "king", **WHY}, "no_such_role", "role")
    invalid(house, api, url, {}, "role", "reason")
    last = f"{person(house, 'admin')}/change_role"
    refused(house, api, last, {"role": "support", **WHY}, "last_admin")


def test_nobody_changes_their_own_by_any_account_nor_agrees_to_it(house: House) -> None:
    root = house.page("admin")
    second = second_admin(house, "root+2@example.test")
    for browser in (root, second):
        browser.get(f"{person(house, 'admin')}/change_role")
        page = browser.submit(f"{person(house, 'admin')}/change_role", {"role": "finance", **WHY}, 409)
        assert "Nobody changes their own access" in page
    asked = house.api("admin").post(f"{person(house, 'admin')}/change_role", {"role": "finance", **WHY}, 202)
    for browser in (root, second):
        answer = decide(browser, asked["approval"])
        assert (answer.status_code, answer.get_json()["refused"]["code"]) == (409, "not_yours")
    ann = PageClient(house.app.test_client())
    assert second_admin(house).url and not ann.html and PASSWORD
    assert house.api("admin").get(person(house, "admin"))["role"] == "admin"
