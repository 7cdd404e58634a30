"""Mirrors of the processor's payments: what came in, what the bank holds, and what was given back."""

from __future__ import annotations

from typing import Any

import pytest

from ..house import House
from ..scenes import cases_of, issue, nothing_written, payment_id, processor, refund_elsewhere, sent


def test_a_payment_is_read_with_its_card(house: House) -> None:
    order, api = house.order("60.00", method="pm_card_amex"), house.api()
    payment = api.get(order["payments"][0])
    assert (payment["status"], payment["raw_status"], payment["final"]) == ("succeeded", "succeeded", True)
    assert payment["card"] == {"brand": "amex", "last4": "8431", "expires": "12/2034"}
    money = {
        name: payment[name]["amount"] for name in ("amount", "captured", "disputed", "refunded", "refundable")
    }
    assert money == {
        "amount": "60.00",
        "captured": "60.00",
        "disputed": "0.00",
        "refunded": "0.00",
        "refundable": "60.00",
    }
    assert order["status"] == "ready" and payment["order"] == order["url"] and payment["fetched_at"]


@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_dispute_holds_the_money_until_it_is_won(house: House, status: str) -> None:
    order, api = house.order("60.00"), house.api()
    sent(house, order, "10.00")
    dispute = house.sandbox.stripe.dispute(payment_id(house, order))
    house.drain()
    payment = api.get(order["payments"][0])
    assert (payment["disputed"]["amount"], payment["refundable"]["amount"]) == ("60.00", "0.00")
    [case] = cases_of(house, payment["id"])
    assert (
        case["reason"] == "refunded_beyond_paid"
        and "$10.00 given back and $60.00 disputed of $60.00" in case["says"]
    )
    house.sandbox.stripe.close_dispute(dispute["id"], status)
    house.drain()
    after = api.get(payment["url"])["refundable"]["amount"]
    assert after == ("50.00" if status == "won" else "0.00")
    assert bool(cases_of(house, payment["id"])) == (status == "lost")


def test_an_inquiry_takes_nothing_yet(house: House) -> None:
    order = house.order("60.00")
    house.sandbox.stripe.dispute(payment_id(house, order), status="warning_needs_response")
    house.drain()
    assert sent(house, order, "60.00")["status"] == "succeeded"


def test_a_dispute_between_promise_and_call_is_the_vendors_no(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    done = issue(house, order)
    house.sandbox.stripe.dispute(payment_id(house, order))
    house.later(61)
    refund = api.get(done["subject"])
    [case] = [one for one in cases_of(house, refund["id"]) if one["reason"] == "vendor_rejected"]
    assert refund["status"] == "failed" and "charged back" in case["says"]


def test_a_payment_that_the_processor_does_not_have_is_a_case(house: House) -> None:
    shop, api = house.api("shop"), house.api()
    shop.post("/customers", {"reference": "c", "name": "Jo"})
    lines = [{"sku": "A", "name": "A", "quantity": 1, "unit_price": "5.00"}]
    told = {"reference": "O", "customer": "c", "lines": lines, "total": "5.00", "payment": "pi_gone"}
    order = api.get(shop.post("/orders", told)["subject"])
    assert api.get(order["payments"][0])["status"] == "expected"
    house.drain()
    [case] = cases_of(house, order["payments"][0])
    assert "pi_gone" in case["says"] and api.get(order["url"])["status"] == "awaiting_payment"


def test_lost_news_is_found_by_reading_the_payment(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    house.sandbox.fault(kind="drop", method="webhook refund.*")
    id = refund_elsewhere(house, order, 1500)  # only charge.refunded tells of it
    house.drain()
    [adopted] = api.get(f"/refunds?payment={order['payments'][0]}")["items"]
    assert adopted["external_id"] == id and api.get(order["url"])["refundable"]["amount"] == "45.00"


def test_the_same_payment_read_again_changes_nothing_people_see(house: House) -> None:
    order, api = house.order("60.00"), house.api()

    def seen() -> dict[str, Any]:
        return {k: v for k, v in api.get(order["payments"][0]).items() if k != "fetched_at"}

    before = seen()
    house.sandbox.webhooks.redeliver("stripe", None, 3, house.sandbox.clock.now())
    house.drain()
    assert seen() == before
    with nothing_written(house):
        api.post(order["payments"][0], {}, 405)
        house.api("clinician").get("/payments", 403)
    assert len(processor(house).charges.list({}).data) == 1
