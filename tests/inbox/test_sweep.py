"""Webhooks that never came are found in the vendor's list: on demand, every night, once, on many pages."""

from __future__ import annotations

import time
from typing import Any

import pytest

from opsconsole import jobs

from ..house import House, stripe_client
from ..sandbox.wsgi import WsgiClient
from .scenes import hold_webhooks, mirrored, statuses, tell, told, truth


def load(house: House, count: int, *, refund: bool = False) -> list[str]:
    """Payments of some minutes ago, each told by two events. Returns their ids."""
    ids = [f"pi_lost{n:04}" for n in range(count)]
    lines = [
        {
            "object": "payment", "id": id, "amount": 5000, "currency": "usd", "created": int(time.time()) - 600,
            "emit": True, "refunds": [{"id": f"re_{id}", "amount": 100}] if refund else [],
        }
        for id in ids
    ]  # fmt: skip
    house.sandbox.load(lines)
    return ids


def sweep(house: House) -> dict[str, Any]:
    """Ask for a sweep, let it run to its end, and return it."""
    done = house.api().post("/inbox/sweep", {"source": "stripe"})
    house.drain()
    return house.api().get(done["subject"])


def test_one_lost_in_twenty_is_found_again_and_looking_twice_finds_no_more(house: House) -> None:
    house.sandbox.fault(method="webhook", kind="drop", every=20)
    payments = load(house, 60, refund=True)
    house.drain()
    arrived = sum(statuses(house).values())
    assert arrived == 114 and mirrored(house) != truth(house, payments)
    found = sweep(house)
    assert (found["status"], found["seen"], found["missed"]) == ("done", 120, 6)
    assert mirrored(house) == truth(house, payments)
    assert [row.count for row in house.rows("select count(*) from inbox_events where via = 'sweep'")] == [6]
    before = house.checksum()
    again = sweep(house)
    assert (again["status"], again["missed"]) == ("done", 0)
    after = house.checksum()
    untouched = ("inbox_events", "payments", "refunds", "cases")
    assert all(after[table] == before[table] for table in untouched)


def test_a_blackout_is_made_good_page_by_page(house: House) -> None:
    """Nothing arrived for days: 260 events on three pages, each asked for by a promise of its own."""
    hold_webhooks(house)
    payments = load(house, 130)
    assert mirrored(house) == {}
    found = sweep(house)
    assert (found["seen"], found["missed"]) == (260, 260)
    assert mirrored(house) == truth(house, payments)
    pages = house.rows("select count(*) from promises where kind = 'inbox.list' and status = 'kept'")
    assert pages[0][0] == 3


def test_a_swept_event_and_its_late_webhook_are_one(house: House) -> None:
    hold_webhooks(house)
    [payment] = load(house, 1)
    sweep(house)
    tell(house, *told(house))
    house.drain()
    assert sum(statuses(house).values()) == 2
    assert house.rows("select distinct via from inbox_events")[0][0] == "sweep"
    assert mirrored(house) == truth(house, [payment])


def test_the_next_sweep_begins_an_hour_before_the_last_one(house: House) -> None:
    hold_webhooks(house)
    load(house, 3)
    assert sweep(house)["seen"] == 6
    house.advance(2 * 3600)
    house.pay(6000)
    new = len(told(house)) - 6
    assert sweep(house)["missed"] == new
    house.advance(2 * 3600)
    assert (again := sweep(house))["seen"] == new and again["missed"] == 0


def test_a_vendor_that_is_down_while_it_is_swept_is_asked_again(house: House) -> None:
    hold_webhooks(house)
    payments = load(house, 60)
    down = house.sandbox.fault(method="GET /v1/events", kind="down")
    begun = sweep(house)
    assert begun["status"] == "running"
    house.sandbox.faults.remove(down)
    house.later(120)
    ended = house.api().get(begun["url"])
    assert (ended["status"], ended["seen"], ended["missed"]) == ("done", 120, 120)
    assert mirrored(house) == truth(house, payments)


def test_an_odd_event_in_the_list_keeps_no_other_from_us(house: House) -> None:
    hold_webhooks(house)
    load(house, 2)
    with house.sandbox.stripe.turn() as turn:
        turn.emit("odd kind", "payment_intent", turn.need("payment_intent", "pi_lost0000"))
    found = sweep(house)
    assert (found["status"], found["missed"]) == ("done", 4)


def test_an_unknown_source_is_refused(house: House) -> None:
    errors = house.api().post("/inbox/sweep", {"source": "carrier-pigeon"}, 422)["errors"]
    assert "source" in errors


@pytest.mark.parametrize("role", ["auditor", "shop"])
def test_who_may_not_sweep_gets_403_and_nothing_is_written(house: House, role: str) -> None:
    before = house.checksum()
    house.api(role).post("/inbox/sweep", {"source": "stripe"}, 403)
    after = house.checksum()
    assert {table for table in after if after[table] != before[table]} <= {"tokens"}


def test_a_preview_tells_which_call_goes_out_and_makes_none(house: House) -> None:
    before = house.checksum()
    preview = house.api().post("/inbox/sweep?preview=1", {"source": "stripe"}, 200)["preview"]
    [promise] = preview["promises"]
    assert promise["to"] == "payments" and promise["due_in"] == 0
    assert house.checksum() == before and list(house.sandbox.calls) == []


# ------------------------------------------------------------------ by the clock


def run_schedule(house: House) -> None:
    with house.app.app_context():
        jobs.run_due()


def test_two_clocks_sweep_once_an_hour(house: House) -> None:
    hold_webhooks(house)
    payments = load(house, 3)
    for hour in (1, 2):
        for _ in range(3):
            run_schedule(house)
            run_schedule(house)
        house.drain()
        assert house.rows("select count(*) from sweeps where source = 'stripe'")[0][0] == hour
        house.advance(3600 + 60)
    assert mirrored(house) == truth(house, payments)
    assert [tuple(row) for row in house.rows("select distinct by from audit_entries where act = 'inbox.sweep_nightly'")] == [
        ("clock",)
    ]  # fmt: skip


def test_a_failing_part_of_the_schedule_stops_no_other(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def fails() -> None:
        ran.append("fails")
        raise RuntimeError

    day = jobs.SCHEDULE[-1].every
    monkeypatch.setattr(
        jobs.schedule,
        "SCHEDULE",
        (jobs.Scheduled("fails", day, fails), jobs.Scheduled("works", day, lambda: ran.append("works"))),
    )
    for _ in range(2):
        run_schedule(house)
    assert ran == ["fails", "works"]


# ------------------------------------------------------------------ payments that no order claims


def record_order(house: House, payment: str, status: int = 201) -> Any:
    shop = house.api("shop")
    shop.post("/customers", {"reference": "c1", "name": "Jo Field", "email": "c1@example.test"})
    line = {"sku": "NC60", "name": "Night cream", "quantity": 1, "unit_price": "60.00"}
    order = {
        "reference": "R1", "customer": "c1", "currency": "usd", "lines": [line], "total": "60.00", "payment": payment
    }  # fmt: skip
    return shop.post("/orders", order, status)


def test_a_payment_that_no_order_claims_becomes_a_case_that_the_order_closes(house: House) -> None:
    payment = house.pay(6000)
    house.drain()
    run_schedule(house)
    assert house.api().get("/cases")["items"] == []
    house.later(90)
    run_schedule(house)
    assert house.api().get("/cases")["items"] == []
    house.later(45)
    for _ in range(3):
        run_schedule(house)
        house.later(16)
    [case] = house.api().get("/cases?status=open")["items"]
    assert (case["reason"], "$60.00" in case["says"]) == ("payment_without_order", True)
    record_order(house, payment)
    house.drain()
    case = house.api().get(case["url"])
    assert (case["status"], case["outcome"]) == ("resolved", "an order claimed it")
    house.later(600)
    run_schedule(house)
    assert house.api().get("/cases?status=open&reason=payment_without_order")["items"] == []


def test_a_payment_whose_order_comes_within_two_minutes_makes_no_case(house: House) -> None:
    payment = house.pay(6000)
    house.drain()
    house.later(60)
    record_order(house, payment)
    house.later(600)
    run_schedule(house)
    assert house.api().get("/cases?reason=payment_without_order")["items"] == []


def test_a_payment_that_took_no_money_makes_no_case(house: House) -> None:
    hold_webhooks(house)
    client = stripe_client(WsgiClient(house.sandbox_app))
    reserved = client.v1.payment_intents.create(
        {
            "amount": 6000, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa", "capture_method": "manual",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )  # fmt: skip
    tell(house, *told(house))
    house.drain()
    house.later(600)
    run_schedule(house)
    assert mirrored(house)[reserved.id][0] == "requires_capture"
    assert house.api().get("/cases")["items"] == []
