"""Resuming: by a person, on the agreed day, and never into what no prescription covers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from opsconsole.db import db
from opsconsole.jobs import schedule
from opsconsole.models import Prescription
from opsconsole.services import transaction

from ..gates.scenes import prescribed
from ..house import House
from ..scenes import WINDOW
from .scenes import DAY, again, change, charges, paid_invoices, subscribed, today


def paused(house: House, *, days: int = 20, **more: Any) -> Any:
    one = subscribed(house, billing_mode={"type": "flexible"}, **more)
    back = charges(one)[0] + timedelta(days=days)
    change(house, one, "pause", kind="paused", resume_on=back.isoformat(), reason="travel")
    house.later(WINDOW)
    return again(house, one)


def clock(house: House) -> None:
    """What the clock does about subscriptions that are to resume."""
    with house.app.app_context():
        schedule._resume_subscriptions()
        schedule._hold_back_subscriptions()
    house.drain()


def until(house: House, day: Any) -> None:
    house.later((day - today(house)).days * DAY)


def expire(house: House) -> None:
    with house.app.app_context(), transaction():
        for (id,) in house.rows("select id from prescriptions"):
            Prescription.lock(id).expires_on = today(house) - timedelta(days=1)


def test_a_person_resumes_it_and_it_is_charged_as_previewed(house: House) -> None:
    one = paused(house)
    before = len(paid_invoices(house, one))
    seen = house.api().post(f"{one['url']}/resume?preview=1", {}, 200)["preview"]
    told = {each["field"]: each["to"] for each in seen["changes"]}
    assert told["next invoice"].startswith("$38.00"), told
    done = change(house, one, "resume")
    house.later(WINDOW)
    now = again(house, one)
    assert house.api().get(done["subject"])["status"] == "done"
    assert now["effective"] == "active" and now["pause"] is None
    assert len(paid_invoices(house, one)) == before + 1
    assert [each["status"] for each in house.api().get("/changes?status=scheduled")["items"]] == []


def test_it_resumes_by_itself_on_the_agreed_day(house: House) -> None:
    one = paused(house)
    day = charges(one)[0]
    until(house, day - timedelta(days=1))
    clock(house)
    assert again(house, one)["effective"] == "paused"
    until(house, day + timedelta(days=1))
    clock(house)
    assert again(house, one)["effective"] == "active"
    assert len(paid_invoices(house, one)) == 2


def test_on_an_expired_prescription_it_is_held_and_not_charged(house: House) -> None:
    one = paused(house)
    expire(house)
    until(house, charges(one)[0] + timedelta(days=1))
    clock(house)
    assert again(house, one)["effective"] == "paused" and len(paid_invoices(house, one)) == 1
    [case] = house.api().get(f"/cases?subject={one['url']}")["items"]
    assert case["reason"] == "resume_blocked" and "expired" in case["says"]
    prescribed(house, external_id="rx-new")
    house.later(DAY + 3600)
    clock(house)
    assert again(house, one)["effective"] == "active" and len(paid_invoices(house, one)) == 2
    assert house.api().get(case["url"])["status"] != "open"


def test_stripe_is_kept_from_collecting_again_by_itself(house: House) -> None:
    one = subscribed(house, billing_mode={"type": "classic"})
    back = charges(one)[0] + timedelta(days=5)
    change(house, one, "pause", resume_on=back.isoformat(), reason="travel")
    house.later(WINDOW)
    expire(house)
    until(house, back - timedelta(days=1) + timedelta(hours=1))
    house.later(6 * 3600)
    clock(house)
    for _ in range(3):
        house.later(DAY / 2)
        clock(house)
    now = again(house, one)
    assert now["effective"] == "collection_paused", now["because"]


def test_all_that_stands_in_the_way_is_listed(house: House) -> None:
    one = paused(house)
    expire(house)
    with house.app.app_context(), transaction():
        db.session.execute(text("update customers set ship_to = null"))
    refused = change(house, one, "resume", status=409)["refused"]
    assert {each["gate"] for each in refused["blockers"]} >= {"prescription", "address"}
    assert refused["code"] == "not_covered"


def one_customer(house: House) -> str:
    return str(house.rows("select external_id from external_ids where system = 'stripe'")[0].external_id)


def test_refusals_rights_and_the_second_click(house: House) -> None:
    one = subscribed(house)
    house.drain()
    before = house.checksum()
    assert "not paused" in change(house, one, "resume", status=409)["refused"]["message"]
    for role in ("clinician", "auditor", "shop"):
        change(house, one, "resume", role=role, status=403)
    after = house.checksum()
    assert {table for table in before if before[table] != after[table]} <= {"quotes", "breakers"}
    one = paused(house, customer="cust-2", prices={("month", 1): one["items"][0]["price"]})
    first = house.api().post(f"{one['url']}/resume", {}, key="once")
    assert house.api().post(f"{one['url']}/resume", {}, key="once") == first
    house.later(WINDOW)
    assert len(paid_invoices(house, one)) == 2


def test_a_card_that_says_no_leaves_it_paused_with_a_case(house: House) -> None:
    one = paused(house)
    processor_card(house, "insufficient_funds")
    done = change(house, one, "resume")
    house.later(WINDOW)
    failed = house.api().get(done["subject"])
    assert failed["status"] == "failed" and failed["failure_code"] == "insufficient_funds", failed
    assert again(house, one)["effective"] == "paused"
    assert len(paid_invoices(house, one)) == 1


def processor_card(house: House, behaves: str) -> None:
    house.sandbox.stripe.card_behaves(one_customer(house), behaves)
