"""A second person approves exactly what both have seen, and it is done once, as the one who asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from opsconsole.db import db
from opsconsole.services import CLOCK, CONSOLE, approvals, staff, tokens

from ..house import PASSWORD, TOKENS, House, PageClient
from ..scenes import WINDOW, issue, processor
from .scenes import ask, decide, waiting


def test_approved_is_done_as_the_one_who_asked(house: House) -> None:
    approval = waiting(house)
    answer = decide(house.page("ops_lead"), approval)
    told = answer.get_json()
    assert answer.status_code == 200, told
    assert told["act"] == "approvals.approve" and told["status"] == "approved"
    result = told["result"]
    assert result["act"] == "refunds.issue" and result["status"] == "planned" and result["undo"]
    refund = house.api().get(result["subject"])
    assert refund["by"] == "token support" and refund["amount"]["amount"] == "150.00"
    house.later(WINDOW)
    assert house.api().get(result["subject"])["status"] == "succeeded"
    assert len(house.sandbox.ledger("refund")) == 1
    after = house.api().get(approval["url"])
    assert (
        after["status"] == "approved"
        and after["result"] == result["subject"]
        and after["decided_by"] == "Lee Okafor"
    )
    names = [entry["name"] for entry in house.api().get(f"/traces/{approval['trace']}")["entries"]]
    assert {"approvals.request", "approvals.approve", "refunds.issue", "refunds.sent"} <= set(names)


def test_the_second_click_changes_nothing(house: House) -> None:
    approval, lee = waiting(house), house.page("ops_lead")
    assert decide(lee, approval).status_code == 200
    again = decide(lee, approval)
    assert (again.status_code, again.get_json()["refused"]["code"]) == (409, "already_decided")
    assert len(house.rows("select * from refunds")) == 1


def test_it_can_be_undone_by_either_while_the_window_lasts(house: House) -> None:
    result = decide(house.page("ops_lead"), waiting(house)).get_json()["result"]
    house.api("support").post(result["undo"])
    house.later(WINDOW)
    assert house.sandbox.ledger("refund") == []


def test_lee_sees_what_was_seen_and_approves_in_the_browser(house: House) -> None:
    approval, lee = waiting(house), house.page("ops_lead")
    shown = lee.get(approval["url"])
    assert "to this customer in 7 days" in shown and "Stripe refunds $150.00" in shown
    assert "Approve and do it" in lee.get(f"{approval['url']}/approve")  # at once: a note need not be written
    done = lee.submit(f"{approval['url']}/approve", {"note": "The parcel is lost."})
    assert "The parcel is lost." in done and "It became" in done


# ------------------------------------------------------------------ who may not


def refused(house: House, person: PageClient, approval: Any, status: int, code: str) -> None:
    answer = decide(person, approval)
    assert (answer.status_code, answer.get_json()["refused"]["code"]) == (status, code), answer.get_json()
    assert house.rows("select * from refunds") == []
    assert house.api().get(approval["url"])["status"] == "waiting"


def asked_by_a_person(house: House, person: PageClient, amount: str = "350.00") -> Any:
    order = house.order("500.00")
    person.get(f"{order['url']}/refund")
    person.submit(f"{order['url']}/refund", {"amount": amount, "reason": "goodwill"})
    return house.api().get(person.url)


def test_nobody_approves_their_own(house: House) -> None:
    """By JSON and by a crafted form; and what they see says so."""
    lee = house.page("ops_lead")
    approval = asked_by_a_person(house, lee)
    refused(house, lee, approval, 409, "not_yours")
    assert "You asked for this yourself" in lee.get(approval["url"])
    lee.submit(f"{approval['url']}/approve", {"note": "mine", "hash": approval["hash"]}, 409)
    assert house.rows("select * from refunds") == []


def test_nor_by_a_second_account(house: House) -> None:
    with house.app.app_context():
        staff.add(
            email="lee+2@example.test",
            name="Lee Two",
            role="finance",
            password_hash=staff.hash_of(PASSWORD),
            by=CONSOLE,
        )
    approval = asked_by_a_person(house, house.page("ops_lead"))
    second = PageClient(house.app.test_client())
    second.sign_in("lee+2@example.test", PASSWORD)
    refused(house, second, approval, 409, "not_yours")


def test_a_program_never_approves(house: House) -> None:
    """Whatever its role holds: ops lead's own rights include approving."""
    approval = waiting(house)
    told = house.api("ops_lead").post(
        f"{approval['url']}/approve", {"note": "", "hash": approval["hash"]}, 409
    )
    assert told["refused"]["code"] == "only_people"
    house.api("demo").post(f"{approval['url']}/approve", {"note": "", "hash": approval["hash"]}, 403)


def test_who_lacks_the_right_to_the_act_cannot_agree_to_it(house: House) -> None:
    refused(house, house.page("admin"), waiting(house), 403, "denied")


def test_who_lacks_the_right_to_approve_cannot(house: House) -> None:
    answer = decide(house.page("support"), waiting(house, role="ops_lead", amount="350.00"))
    assert answer.status_code == 403


def test_a_session_needs_its_token(house: House) -> None:
    assert decide(house.page("ops_lead"), waiting(house), csrf=False).status_code == 403


def test_a_direct_call_by_the_requester_is_refused(house: House) -> None:
    approval = waiting(house, role="ops_lead", amount="350.00")
    with house.app.app_context():
        by = tokens.actor_of(TOKENS["ops_lead"], address="127.0.0.1")
        assert by
        with pytest.raises(approvals.OnlyPeople):
            approvals.approve(approval["id"], note="", hash=approval["hash"], by=by)
        db.session.rollback()
    assert house.rows("select * from refunds") == []


def test_a_requester_who_lost_the_right_gets_nothing(house: House) -> None:
    approval = waiting(house)
    with house.app.app_context():
        db.session.execute(db.text("update tokens set revoked_at = now() where name = 'support'"))
        db.session.commit()
    refused(house, house.page("ops_lead"), approval, 409, "no_longer_allowed")


# ------------------------------------------------------------------ the world changes


def test_another_refund_meanwhile_voids_it(house: House) -> None:
    order = house.order("500.00")
    asked = ask(house, order, "150.00").get_json()["approval"]
    issue(house, order, "20.00", role="ops_lead")
    answer = decide(house.page("finance"), asked)
    told = answer.get_json()
    assert (answer.status_code, told["refused"]["code"]) == (409, "world_changed")
    assert told["preview"]["hash"] != asked["hash"] and told["preview"]["act"] == "refunds.issue"
    assert house.api().get(asked["url"])["status"] == "void"
    assert len(house.rows("select * from refunds")) == 1


def test_money_that_is_gone_refuses_it(house: House) -> None:
    order = house.order("200.00")
    asked = ask(house, order, "150.00").get_json()["approval"]
    payment = house.api().get(order["payments"][0])["external_id"]
    processor(house).refunds.create({"payment_intent": payment, "amount": 20000})
    house.drain()
    answer = decide(house.page("ops_lead"), asked)
    assert (answer.status_code, answer.get_json()["refused"]["code"]) == (409, "not_refundable")


def test_another_hash_is_not_what_was_asked_for(house: House) -> None:
    answer = decide(house.page("ops_lead"), waiting(house), hash="0" * 64)
    assert answer.status_code == 422 and house.rows("select * from refunds") == []


def test_after_a_day_it_has_run_out(house: House) -> None:
    approval = waiting(house)
    house.later(24 * 3600 + 1)
    refused_late = decide(house.page("ops_lead"), approval)
    assert refused_late.get_json()["refused"]["code"] == "already_decided"
    with house.app.app_context():
        assert approvals.expired() == [approval["id"]]
        approvals.expire(approval["id"], by=CLOCK)
    assert house.api().get(approval["url"])["status"] == "expired"


# ------------------------------------------------------------------ races


def test_races_of_approve_reject_and_withdraw_end_once(house: House) -> None:
    """Forty of them, three hands at once: never two ends, never money without an approval."""
    lee, finn, sam = house.page("ops_lead"), house.page("finance"), house.api("support")
    for person in (lee, finn):
        person.get("/")
    for nth in range(40):
        approval = waiting(house, customer=f"race-{nth}")
        hands = [
            lambda: decide(lee, approval),  # noqa: B023
            lambda: decide(finn, approval, "reject"),  # noqa: B023
            lambda: sam.client.post(f"{approval['url']}/withdraw", json={}, headers=sam.headers),  # noqa: B023
        ]
        with ThreadPoolExecutor() as pool:
            codes = [answer.status_code for answer in pool.map(lambda hand: hand(), hands)]
        assert sorted(codes).count(200) == 1, codes
        [end] = house.rows("select * from approvals where id = :id", id=approval["id"])
        made = house.rows("select 1 from refunds where order_id = :id", id=end.about_id)
        assert bool(made) == (end.status == "approved"), (end.status, made)
