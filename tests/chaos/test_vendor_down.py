"""When the vendor is away, refuses our key, or forgets it: nothing is lost, and nothing happens twice."""

from __future__ import annotations

from typing import Any

import pytest

from ..house import House

pytestmark = pytest.mark.chaos
DAY = 24 * 3600


def refunds_of(house: House, orders: list[dict[str, Any]], *, each: int = 2) -> list[dict[str, Any]]:
    """Ask for refunds of every order in turn; the answers, in the order in which they were given."""
    api = house.api()
    return [
        api.post(f"{order['url']}/refund", {"amount": f"{n + 1}.00", "reason": "goodwill"}, 201)
        for n in range(each)
        for order in orders
    ]


def statuses(house: House, refunds: list[dict[str, Any]]) -> set[str]:
    api = house.api()
    return {api.get(refund["subject"])["status"] for refund in refunds}


def open_cases(house: House) -> list[str]:
    return [case["reason"] for case in house.api().get("/cases?status=open")["items"]]


def happened(house: House) -> list[str]:
    """Our refunds in the processor's own book, in the order in which they happened."""
    return [
        f"/refunds/{effect['metadata']['opsconsole_subject']}" for effect in house.sandbox.ledger("refund")
    ]


@pytest.mark.parametrize("how", ["down", "refused"])
def test_ten_minutes_without_the_vendor(house: House, how: str) -> None:
    orders = [house.order("60.00", customer=f"cust-{n}") for n in range(4)]
    house.sandbox.fault(kind=how)
    refunds = refunds_of(house, orders)
    house.later(61)
    for _ in range(60):
        house.later(10)
    # The console goes on: pages open, more is submitted, and what waits says for whom.
    page = house.page()
    page.get(f"{orders[0]['url']}/refund")
    assert "Stripe" in page.get(refunds[0]["subject"])
    refunds += refunds_of(house, orders[:1], each=1)
    assert "Stripe does not answer" in page.get("/promises")
    ready = house.api().get("/readyz")
    assert ready["ready"] and "payments.refund" in ready["vendors"]
    assert happened(house) == [] and open_cases(house) == []
    [[tries]] = house.rows("select count(*) from attempts where ended_at is not null")
    assert tries < 60, "one probe asks for all"
    # It is back: all goes out, in the order of each lane, and nobody has to do anything.
    house.sandbox.clear_faults()
    for _ in range(6):
        house.later(30)
    assert statuses(house, refunds) == {"succeeded"}
    for order in orders:
        lane = [one["subject"] for one in refunds if house.api().get(one["subject"])["order"] == order["url"]]
        assert [subject for subject in happened(house) if subject in lane] == lane
    assert sorted(happened(house)) == sorted(one["subject"] for one in refunds)
    assert open_cases(house) == [] and house.api().get("/readyz")["vendors"] == {}


def test_a_revoked_key_is_one_case(house: House) -> None:
    orders = [house.order("60.00", customer=f"cust-{n}") for n in range(5)]
    house.sandbox.fault(kind="unauthorized")
    refunds = refunds_of(house, orders)
    house.later(61)
    for _ in range(20):
        house.later(60)
    assert open_cases(house) == ["vendor_refuses_credentials"]
    assert statuses(house, refunds) == {"planned"}, "a refused key did nothing, so nothing was submitted"
    house.sandbox.clear_faults()
    for _ in range(3):
        house.later(30)
    assert statuses(house, refunds) == {"succeeded"}
    assert sorted(happened(house)) == sorted(one["subject"] for one in refunds)
    assert open_cases(house) == []


def test_a_key_that_was_forgotten_does_not_refund_twice(house: House) -> None:
    """Nobody worked for 25 hours: the list is asked before anything is sent again."""
    refunds = refunds_of(house, [house.order("60.00")], each=1)
    house.sandbox.fault(kind="lost_answer", method="POST /v1/refunds", times=1)
    house.sandbox.fault(kind="drop", method="webhook")  # else we would hear of it
    house.later(61)
    assert len(happened(house)) == 1 and statuses(house, refunds) == {"submitted"}
    house.advance(25 * 3600)
    assert kept_keys(house) == 0
    house.drain()
    assert statuses(house, refunds) == {"succeeded"} and len(happened(house)) == 1
    assert open_cases(house) == []


def test_a_day_of_silence_is_a_case_and_its_retry_does_not_refund_twice(house: House) -> None:
    refunds = refunds_of(house, [house.order("60.00")], each=1)
    house.sandbox.fault(kind="lost_answer", method="POST /v1/refunds", times=1)
    house.sandbox.fault(kind="drop", method="webhook")  # else we would hear of it
    house.later(61)
    house.sandbox.fault(kind="down")
    for _ in range(101):
        house.later(900)
    assert kept_keys(house) == 0
    [case] = house.api().get("/cases?status=open")["items"]
    assert case["reason"] == "unknown_outcome" and statuses(house, refunds) == {"submitted"}
    house.sandbox.clear_faults()
    house.api().post(f"{case['url']}/retry", {"reason": "Stripe is back"}, 201)
    house.drain()
    assert statuses(house, refunds) == {"succeeded"} and len(happened(house)) == 1
    assert open_cases(house) == []


def kept_keys(house: House) -> int:
    """How many idempotency keys the processor still remembers."""
    with house.sandbox.store.reading() as db:
        return int(db.execute("SELECT count(*) FROM stripe_keys").fetchone()[0])
