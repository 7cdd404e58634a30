"""Why can't I? In plain words: the right, the banner, the second person or the sum, and who could."""

from __future__ import annotations

from typing import Any

import pytest

from ..approvals.scenes import ask
from ..banners.scenes import act_called, put_up
from ..house import House
from ..scenes import issue


def why(house: House, role: str, act: str, subject: str = "") -> Any:
    return house.api(role).get(f"/why?act={act}&subject={subject}")


def test_a_missing_right_names_the_roles_and_people_who_have_it(house: House) -> None:
    order = house.order("60.00")
    told = why(house, "auditor", "refunds.issue", order["url"])
    [hurdle] = told["hurdles"]
    assert (told["allowed"], hurdle["kind"], hurdle["blocks"]) == (False, "right", True)
    assert "your role (auditor) does not have" in hurdle["says"]
    assert "finance, ops lead or support" in hurdle["do"]
    assert hurdle["who"] == ["Finn Marsh", "Lee Okafor", "Sam Rivera"]


def test_every_403_and_every_grey_button_leads_there(house: House) -> None:
    order = house.order("60.00")
    refusal = house.api("auditor").post(f"{order['url']}/refund", {}, 403)
    assert refusal["why"] == f"/why?act=refunds.issue&subject=%2Forders%2F{order['id']}"
    mo = house.page("auditor")
    page = mo.get(f"{order['url']}/refund", 403)
    assert f'href="/why?act=refunds.issue&amp;subject=%2Forders%2F{order["id"]}"' in page
    page = mo.get(order["url"])
    assert f'href="/why?act=refunds.issue&amp;subject=%2Forders%2F{order["id"]}"' in page
    page = mo.get(refusal["why"])
    assert "You have no right to it" in page and "Sam Rivera" in page and "What to do" in page


def test_sums_say_how_far_the_limit_is(house: House) -> None:
    order = house.order("500.00")
    assert ask(house, order, "100.00").status_code == 201
    told = why(house, "support", "refunds.issue", order["url"])
    assert told["allowed"] and [one["kind"] for one in told["hurdles"]] == ["second"]
    assert (
        "$100.00 was given to this customer in 7 days; alone you may give $100.00."
        in told["hurdles"][0]["says"]
    )
    assert told["hurdles"][0]["who"] == ["Finn Marsh", "Lee Okafor"]
    week = next(one for one in told["limits"] if one["measure"] == "customer_7d")
    assert (week["spent"]["amount"], week["alone"]["amount"], week["at_most"]["amount"]) == (
        "100.00", "100.00", "300.00",
    )  # fmt: skip
    assert ask(house, order, "200.00", "ops_lead").status_code == 201
    [limit] = [
        one for one in why(house, "support", "refunds.issue", order["url"])["hurdles"] if one["blocks"]
    ]
    assert (
        limit["kind"] == "limit" and "your role may give $300.00, also with a second person" in limit["says"]
    )


@pytest.mark.own_app
def test_a_banner_says_who_can_set_it_aside(house: House) -> None:
    order = house.order("60.00")
    put_up(house, order["url"])
    assert why(house, "demo", "refunds.issue", order["url"])["hurdles"] == []
    with act_called(house, "orders.release"):
        told = why(house, "demo", "orders.release", order["url"])
    assert not told["allowed"] and [one["kind"] for one in told["hurdles"]] == ["banner"]
    assert "An ops lead can set this aside" in told["hurdles"][0]["says"]


def test_what_always_takes_two_and_what_the_thing_itself_refuses(house: House) -> None:
    told = why(house, "admin", "staff.add")
    [second] = told["hurdles"]
    assert told["allowed"] and second["kind"] == "second" and second["who"] == ["Root Admin"]
    refund = issue(house, house.order("60.00"))["subject"]
    assert why(house, "support", "refunds.withdraw", refund)["hurdles"] == []
    house.later(61)
    [state] = why(house, "support", "refunds.withdraw", refund)["hurdles"]
    assert state["kind"] == "state" and state["blocks"]


def test_only_what_there_is_can_be_asked(house: House) -> None:
    api = house.api()
    assert set(api.get("/why", 422)["errors"]) == {"act"}
    assert set(api.get("/why?act=refunds.issue&colour=red", 422)["errors"]) == {"colour"}
    api.get("/why?act=orders.fly", 404)
    api.get("/why?act=refunds.issue&subject=ord_nosuchthing", 404)
    api.get("/why?act=refunds.issue&subject=nothing_1", 404)
    assert house.api("shop").get("/why?act=approvals.void")["hurdles"][0]["kind"] == "right"
