"""Clock, ledger, bulk load, state that survives, and the page."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opsconsole.sandbox._traffic import Traffic

from .conftest import World

DAY = 86400


def test_the_clock_moves_forward_only(world: World) -> None:
    assert world.control("GET", "clock").json["offset_seconds"] == 0
    moved = world.control("POST", "clock/advance", {"seconds": DAY}).json
    assert moved["offset_seconds"] == DAY and abs(moved["now"] - time.time() - DAY) < 5
    for wrong in ({"seconds": -1}, {"seconds": "soon"}, {}, {"seconds": True}, {"seconds": 1e12}, [1]):
        assert world.control("POST", "clock/advance", wrong).status_code == 400
    assert world.control("GET", "clock").json["offset_seconds"] == DAY


def test_what_falls_due_happens_at_its_own_time_and_in_order(world: World) -> None:
    early = world.refund(world.pay(method="pm_card_pendingRefund"))
    world.sandbox.advance(30)
    late = world.refund(world.pay(method="pm_card_pendingRefund"))
    world.sandbox.advance(10 * DAY)
    settled = [
        event
        for event in world.sdk.v1.events.list({"type": "refund.updated"}).data[::-1]
        if "status" in (event.data.previous_attributes or {})
    ]
    assert [event.data.object["id"] for event in settled] == [early.id, late.id]
    assert settled[1].created - settled[0].created == 30
    assert settled[0].created - early.created == 60


def test_the_ledger_can_be_followed_and_never_changed(world: World) -> None:
    payment = world.pay(1000, metadata={"ref": "pay_1"})
    world.refund(payment, 250, metadata={"ref": "rf_1"})
    entries = world.control("GET", "ledger").json["entries"]
    assert [entry["kind"] for entry in entries] == ["payment_intent", "payment", "refund"]
    refund = entries[-1]
    assert (refund["amount"], refund["currency"], refund["payment"]) == (250, "usd", payment.id)
    assert refund["metadata"] == {"ref": "rf_1"} and refund["object_id"].startswith("re_")
    assert world.control("GET", f"ledger?since={entries[1]['seq']}").json["entries"] == [refund]
    assert world.control("GET", "ledger?kind=refund").json["entries"] == [refund]
    for change in ("DELETE FROM ledger", "UPDATE ledger SET amount = 0"):
        with pytest.raises(sqlite3.IntegrityError), world.sandbox.store.transaction() as db:
            db.execute(change)
    assert world.control("GET", "ledger").json["entries"] == entries


def test_everything_survives_a_restart(world_on_disk: Callable[[], World]) -> None:
    before = world_on_disk()
    before.sandbox.advance(DAY)
    payment = before.pay(1000, "pm_card_pendingRefund")
    refund = before.sdk.v1.refunds.create({"payment_intent": payment.id}, {"idempotency_key": "k"})
    before.sandbox.store.close()  # no farewell: as after kill -9

    after = world_on_disk()
    assert after.sandbox.time()["offset_seconds"] == DAY
    replayed = after.sdk.v1.refunds.create({"payment_intent": payment.id}, {"idempotency_key": "k"})
    assert replayed.id == refund.id
    assert len(after.sandbox.ledger("refund")) == 1
    assert after.sandbox.flush() == 5, "what was owed is still owed"
    after.sandbox.advance(61)
    assert after.sdk.v1.refunds.retrieve(refund.id).status == "succeeded"
    after.sandbox.close()


def lines(*objects: dict[str, Any]) -> str:
    return "\n".join(json.dumps(one) for one in objects)


PAYMENT = {
    "object": "payment",
    "id": "pi_1",
    "charge": "ch_1",
    "customer": "cus_1",
    "amount": 5000,
    "currency": "usd",
    "payment_method": "pm_card_visa",
    "card": {"brand": "visa", "last4": "1881", "exp_month": 3, "exp_year": 2029},
    "created": 1750000000,
    "metadata": {"ref": "pay_1"},
}


def test_demo_data_is_loaded_once_and_silently(world: World) -> None:
    customer = {"object": "customer", "id": "cus_1", "email": "a@example.test", "created": 1740000000}
    refunded = {
        **PAYMENT,
        "id": "pi_2",
        "charge": "ch_2",
        "refunds": [
            {
                "id": "re_1",
                "amount": 1500,
                "status": "succeeded",
                "reason": "duplicate",
                "created": 1750000100,
            },
            {"id": "re_2", "amount": 500, "status": "failed", "failure_reason": "declined"},
        ],
        "dispute": {"id": "du_1", "reason": "fraudulent", "status": "lost"},
    }
    body = lines(customer, PAYMENT, refunded)
    client = world.app.test_client()
    assert client.post("/_sandbox/stripe/load", data=body).json == {"loaded": 3, "unchanged": 0}
    assert client.post("/_sandbox/stripe/load", data=body).json == {"loaded": 0, "unchanged": 3}
    assert world.types() == [] and world.sandbox.ledger() == []

    payment = world.sdk.v1.payment_intents.retrieve("pi_1", {"expand": ["latest_charge", "customer"]})
    assert (payment.status, payment.created, payment.metadata["ref"]) == ("succeeded", 1750000000, "pay_1")
    card = payment.latest_charge.payment_method_details.card  # type: ignore[union-attr]
    assert card is not None and card.last4 == "1881"
    assert payment.customer.email == "a@example.test"  # type: ignore[union-attr]
    charge = world.sdk.v1.charges.retrieve("ch_2")
    assert (charge.amount_refunded, charge.disputed) == (1500, True)
    assert [one.id for one in world.sdk.v1.refunds.list({"payment_intent": "pi_2"}).data] == ["re_1", "re_2"]
    assert world.sdk.v1.disputes.retrieve("du_1").status == "lost"
    assert len(world.sdk.v1.payment_methods.list({"customer": "cus_1"}).data) == 1
    assert world.sdk.v1.refunds.create({"payment_intent": "pi_1", "amount": 5000}).status == "succeeded"


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        '{"object": "invoice", "id": "in_1"}',
        '{"object": "customer"}',
        '{"object": "customer", "id": "cus_1", "colour": "red"}',
        '{"object": "payment", "id": "pi_9", "currency": "usd"}',
        '{"object": "payment", "id": "pi_9", "amount": 9, "currency": "usd", "colour": "red"}',
        '{"object": "payment", "id": "pi_9", "amount": 0, "currency": "usd"}',
        '{"object": "payment", "id": "pi_9", "amount": 9, "currency": "xxx"}',
        '{"object": "payment", "id": "pi_9", "amount": 9, "currency": "usd", "refunds": [{"amount": 10}]}',
        '{"object": "payment", "id": "pi_9", "amount": 9, "currency": "usd", "charge": "ch_1"}',
    ],
)
def test_a_line_that_cannot_be_loaded(world: World, line: str) -> None:
    world.sandbox.load([PAYMENT])
    answer = world.app.test_client().post("/_sandbox/stripe/load", data=line)
    assert answer.status_code == 400 and "error" in answer.get_json()
    assert world.call("GET", "/v1/payment_intents/pi_9").status_code == 404


def test_recent_calls_are_remembered(world: World) -> None:
    world.call("GET", "/v1/refunds")
    world.call("POST", "/v1/customers", headers={"Idempotency-Key": "k"}, data={"colour": "red"})
    first, last = world.control("GET", "requests?limit=2").json["requests"]
    assert (first["method"], first["path"], first["status"]) == ("GET", "/v1/refunds", 200)
    assert (last["method"], last["key"], last["status"]) == ("POST", "k", 400)


def test_the_page_shows_and_sets(world: World) -> None:
    client = world.app.test_client()
    world.refund(world.pay())
    form = {"method": REFUNDS, "kind": "slow", "every": "2", "times": "", "seconds": "0.1", "side": ""}
    assert client.post("/_sandbox/faults", data=form).headers["Location"] == "/"
    client.post("/_sandbox/clock/advance", data={"seconds": "3600"})
    page = client.get("/")
    text = page.get_data(as_text=True)
    assert page.status_code == 200 and REFUNDS in text and "re_" in text and "3600 s ahead" in text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "<script" not in text and "style=" not in text
    assert client.get("/_sandbox/static/sandbox.css").status_code == 200
    client.post("/_sandbox/faults/clear", data={})
    assert world.control("GET", "faults").json["faults"] == []


REFUNDS = "POST /v1/refunds"


def test_only_this_machine_and_its_own_page_are_let_in(world: World) -> None:
    client = world.app.test_client()
    assert client.get("/", environ_base={"REMOTE_ADDR": "10.0.0.7"}).status_code == 403
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 403
    for origin in ("http://evil.example", "null"):
        answer = client.post("/_sandbox/clock/advance", json={"seconds": 1}, headers={"Origin": origin})
        assert answer.status_code == 403
    assert world.sandbox.time()["offset_seconds"] == 0


def test_calls_are_counted_by_the_clock_of_the_machine(world: World) -> None:
    world.refund(world.pay(), 10)
    world.control("POST", "clock/advance", {"seconds": DAY})
    payment = world.pay()
    world.sdk.v1.payment_intents.retrieve(payment.id)
    told = world.control("GET", "traffic").json["traffic"]["stripe"]
    assert (told["total"], told["by_method"]) == (4, {"GET": 1, "POST": 3})
    assert told["by_call"] == {
        "POST /v1/payment_intents": 2,
        "POST /v1/refunds": 1,
        "GET /v1/payment_intents/<id>": 1,
    }
    assert 1 <= told["most_in_a_second"] <= 4, "a day of sandbox time is no second here"
    assert "Most in a second" in world.app.test_client().get("/").get_data(as_text=True)
    assert world.control("DELETE", "traffic").json == {"traffic": {}}
    assert world.control("GET", "traffic").json == {"traffic": {}}


def test_the_most_in_any_one_second() -> None:
    traffic = Traffic()
    for at in (0.0, 0.5, 0.9, 1.2, 1.3, 5.0):
        traffic.came("stripe", "GET", "/v1/refunds", at)
    traffic.came("easypost", "POST", "/easypost/v2/trackers", 5.0)
    told = traffic.told()
    assert told["stripe"]["most_in_a_second"] == 4, "from 0.5 to 1.3, across the full second"
    assert (told["stripe"]["total"], told["easypost"]["most_in_a_second"]) == (6, 1)


def test_a_state_file_from_before_gets_its_new_columns(
    world_on_disk: Callable[[], World], tmp_path: Path
) -> None:
    before = world_on_disk()
    customer = before.sdk.v1.customers.create().id
    draft = before.sdk.v1.invoices.create({"customer": customer})
    before.sdk.v1.invoice_items.create({"customer": customer, "invoice": draft.id, "amount": 700})
    before.sandbox.store.close()
    db = sqlite3.connect(tmp_path / "sandbox.sqlite")
    for index in ("stripe_of_invoice", "stripe_in_balance", "stripe_of_payout"):
        db.execute(f"DROP INDEX {index}")
    for column in ("invoice", "payout"):
        db.execute(f"ALTER TABLE stripe_objects DROP COLUMN {column}")
    db.commit()
    db.close()
    after = world_on_disk()
    (item,) = after.sdk.v1.invoice_items.list({"invoice": draft.id}).data
    assert item.amount == 700 and after.sdk.v1.balance.retrieve().available[0].amount == 0
    after.sandbox.close()
