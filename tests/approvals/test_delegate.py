"""Somebody is away: a colleague approves in their place, for a time, and never for themselves."""

from __future__ import annotations

from typing import Any

from ..house import House, PageClient
from .scenes import decide, waiting


def hand_over(house: House, lee: PageClient, to: str, until: str) -> str:
    """Lee lets the colleague with that e-mail address approve. Returns the delegation's id."""
    [colleague] = house.rows("select id from staff where email = :email", email=to)
    lee.get("/approvals/delegate")
    lee.submit("/approvals/delegate", {"colleague": colleague.id, "until": until, "reason": "On leave"})
    return str(house.rows("select id from delegations order by created_at desc")[0].id)


def day(house: House, ahead: int) -> str:
    [row] = house.rows("select (instant() + make_interval(days => :ahead))::date as day", ahead=ahead)
    return str(row.day)


def as_support(house: House) -> Any:
    """Sam may not approve by her own right."""
    with house.app.app_context():
        from opsconsole.db import db

        grant = "insert into grants select id, 'approvals.approve' from roles where name = 'support'"
        db.session.execute(db.text(grant))
        db.session.commit()
    return house.page("support")


def test_a_delegate_approves_what_the_other_may(house: House) -> None:
    """Sam's own limit ends at 300.00; in Lee's place she may approve more."""
    sam, approval = as_support(house), waiting(house, "350.00", role="finance")
    assert decide(sam, approval).status_code == 403
    hand_over(house, house.page("ops_lead"), "sam@example.test", day(house, 2))
    assert decide(sam, approval).status_code == 200


def test_it_ends_by_itself_and_when_taken_back(house: House) -> None:
    sam, lee = as_support(house), house.page("ops_lead")
    delegation = hand_over(house, lee, "sam@example.test", day(house, 2))
    lee.get(f"/delegations/{delegation}/end")
    lee.submit(f"/delegations/{delegation}/end", {})
    assert decide(sam, waiting(house, "350.00", role="finance")).status_code == 403
    hand_over(house, lee, "sam@example.test", day(house, 1))
    house.later(3 * 24 * 3600)
    sam = house.page("support")
    assert decide(sam, waiting(house, "350.00", role="finance", customer="cust-7")).status_code == 403


def test_what_the_other_asked_for_stays_out_of_reach(house: House) -> None:
    sam, lee = as_support(house), house.page("ops_lead")
    hand_over(house, lee, "sam@example.test", day(house, 2))
    order = house.order("500.00")
    lee.get(f"{order['url']}/refund")
    lee.submit(f"{order['url']}/refund", {"amount": "350.00", "reason": "goodwill"})
    assert decide(sam, house.api().get(lee.url)).status_code == 403


def test_not_to_oneself_not_for_ever_not_without_the_right(house: House) -> None:
    lee = house.page("ops_lead")
    [myself] = house.rows("select id from staff where email = 'lee@example.test'")
    [sam] = house.rows("select id from staff where email = 'sam@example.test'")
    lee.get("/approvals/delegate")
    url = "/approvals/delegate"
    lee.submit(url, {"colleague": myself.id, "until": day(house, 2), "reason": "x"}, 409)
    lee.submit(url, {"colleague": sam.id, "until": day(house, 90), "reason": "x"}, 422)
    lee.submit(url, {"colleague": sam.id, "until": day(house, -2), "reason": "x"}, 422)
    house.page("support").get(url, 403)
    assert house.rows("select * from delegations") == []
