"""A worker asks the processor: whatever goes wrong on the way, it happens once or not at all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ..house import House
from ..scenes import (
    WINDOW,
    cases_of,
    declined,
    issue,
    only_case,
    paid_back,
    processor,
    refund_elsewhere,
    refused,
    unknown_outcome,
)  # fmt: skip


@pytest.mark.parametrize(
    ("dial", "maybe_done"),
    [
        ({"kind": "lost_answer"}, True),
        ({"kind": "lost_answer", "side": "before"}, True),
        ({"kind": "error_500", "side": "after"}, True),
        ({"kind": "garbage", "profile": "html200"}, True),
        ({"kind": "garbage", "profile": "missing_id"}, True),
        ({"kind": "down"}, True),
        ({"kind": "rate_limit"}, False),
        ({"kind": "lock_timeout"}, False),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_a_call_that_goes_wrong_once_has_one_effect(
    house: House, dial: dict[str, Any], maybe_done: bool
) -> None:
    order, api = house.order("60.00"), house.api()
    done = issue(house, order)
    house.sandbox.fault(method="POST /v1/refunds", times=1, **dial)
    house.advance(WINDOW)
    house.work()
    refund = api.get(done["subject"])
    if refund["status"] != "succeeded":  # some doubts are cleared at once, by looking at the list
        assert refund["status"] == ("submitted" if maybe_done else "planned")
        assert api.get(order["url"])["refundable"]["amount"] == "50.00"  # counts as spent until we know
    for seconds in (60, 60, 600, 600, 9 * 3600, 9 * 3600, 9 * 3600):
        house.later(seconds)
    assert api.get(done["subject"])["status"] == "succeeded"
    assert paid_back(house) == [1000]
    [promise] = api.get(f"/promises?subject={refund['id']}")["items"]
    tries = api.get(promise["url"])["tries"]
    assert promise["status"] == "kept" and tries[-1]["outcome"] == "kept"
    assert [one["round"] for one in tries] == [1] * len(tries) and all(one["ended_at"] for one in tries)
    assert cases_of(house, refund["id"]) == []


def test_a_decline_is_one_case_with_the_vendors_words(house: House) -> None:
    order, refund, case = declined(house)
    assert (refund["status"], refund["final"]) == ("failed", True) and refund["failure_reason"]
    assert case["reason"] == "vendor_rejected" and "greater than unrefunded amount" in case["says"]
    assert case["suggests"]["act"] == "cases.retry" and case["fixable"] == ["amount"]
    may = [act["act"] for act in case["acts"] if act["allowed"]]
    assert [name for name in may if name in ("cases.retry", "cases.settle", "cases.dismiss")] == [
        "cases.retry",
        "cases.settle",
        "cases.dismiss",
    ]
    api = house.api()
    [promise] = api.get(f"/promises?subject={refund['id']}")["items"]
    assert promise["status"] == "manual_intervention" and promise["attempts"] == 1
    calls = [
        call for call in house.sandbox.calls if call["method"] == "POST" and call["path"] == "/v1/refunds"
    ]
    house.later(25 * 3600)  # nobody tries it again by themselves
    assert calls == [
        call for call in house.sandbox.calls if call["method"] == "POST" and call["path"] == "/v1/refunds"
    ]
    assert api.get(order["url"])["refundable"]["amount"] == "5.00"
    assert paid_back(house) == [5500] and only_case(house, refund["id"]) == case


def test_the_webhook_may_be_faster_than_our_own_record(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    done = issue(house, order)
    house.sandbox.fault(kind="lost_answer", method="POST /v1/refunds", times=1)
    house.advance(WINDOW)
    house.work()
    assert house.sandbox.flush() > 0
    house.work()
    refund = api.get(done["subject"])
    assert refund["status"] == "succeeded" and refund["external_id"]
    house.later(60)
    assert api.get(done["subject"])["external_id"] == refund["external_id"] and paid_back(house) == [1000]
    assert len(api.get(f"/refunds?order={order['id']}")["items"]) == 1


def test_after_a_day_without_an_answer_a_person_decides_and_a_retry_finds_what_was_done(house: House) -> None:
    refund, case = unknown_outcome(house)
    api = house.api()
    assert refund["status"] == "submitted" and case["reason"] == "unknown_outcome" and case["fixable"] == []
    refused(
        house, api, f"{case['url']}/retry", {"reason": "r", "fix": {"amount": "1.00"}}, "not_fixable", "fix"
    )
    api.post(f"{case['url']}/retry", {"reason": "Stripe is back"})
    house.drain()
    after = api.get(refund["url"])
    assert after["status"] == "succeeded" and paid_back(house) == [
        1000
    ]  # the key was forgotten, the list was not
    [promise] = api.get(f"/promises?subject={refund['id']}")["items"]
    assert (promise["status"], promise["round"]) == ("kept", 1)


def test_a_webhook_clears_a_case_of_unknown_outcome_by_itself(house: House) -> None:
    refund, case = unknown_outcome(house)
    [made] = processor(house).refunds.list({"limit": 10}).data
    processor(house).refunds.update(made.id, {"metadata": {"looked_at": "yes"}})  # any news of it will do
    house.drain()
    api = house.api()
    assert api.get(refund["url"])["status"] == "succeeded"
    assert api.get(case["url"])["status"] == "resolved"
    [promise] = api.get(f"/promises?subject={refund['id']}")["items"]
    assert promise["status"] == "kept" and paid_back(house) == [1000]


def test_a_refused_key_makes_one_case_and_loses_nothing(house: House) -> None:
    orders = [house.order("60.00") for _ in range(4)]
    for order in orders:
        issue(house, order)
    house.sandbox.fault(kind="unauthorized")
    house.later(WINDOW)
    house.later(120)
    api = house.api()
    [case] = api.get("/cases?status=open")["items"]
    assert case["reason"] == "vendor_refuses_credentials" and case["subject"] == "payments"
    assert "sk_test" not in json.dumps(case)
    assert api.get("/readyz")["vendors"]
    house.sandbox.clear_faults()
    house.later(120)
    assert paid_back(house) == [1000] * 4
    assert api.get(case["url"])["status"] == "resolved"


def test_a_no_shows_that_the_key_is_taken_again(house: House) -> None:
    order = house.order("60.00")
    issue(house, order)
    refund_elsewhere(house, order, 5500)
    house.sandbox.fault(kind="unauthorized", method="POST /v1/refunds", times=1)
    house.advance(WINDOW)
    house.work()
    assert [case["reason"] for case in house.api().get("/cases?status=open")["items"]] == [
        "vendor_refuses_credentials"
    ]
    house.later(60)
    assert [case["reason"] for case in house.api().get("/cases?status=open")["items"]] == ["vendor_rejected"]


def test_refunds_of_one_payment_go_out_one_after_the_other(house: House) -> None:
    order = house.order("60.00")
    amounts = ["3.00", "1.00", "2.00"]
    done = [issue(house, order, amount) for amount in amounts]
    house.sandbox.fault(kind="lock_timeout", method="POST /v1/refunds", times=2)
    house.advance(WINDOW)
    house.work()
    assert paid_back(house) == []  # the first waits, and the others behind it
    for _ in range(5):
        house.later(60)
    assert paid_back(house) == [300, 100, 200]
    assert {house.api().get(one["subject"])["status"] for one in done} == {"succeeded"}


def test_what_is_kept_of_calls_holds_no_secret_and_no_address(house: House) -> None:
    order = house.order("60.00")
    issue(house, order)
    house.sandbox.fault(kind="unauthorized", method="POST /v1/refunds", times=1)
    house.later(WINDOW)
    house.later(60)
    kept = " ".join(
        str(tuple(row)) for table in ("promises", "attempts") for row in house.rows(f"select * from {table}")
    )
    assert "re_" in kept
    for secret in ("sk_test", "whsec", "@example.test", "Jo Field"):
        assert secret not in kept


def test_an_error_that_the_processor_repeats_for_ever_ends_as_a_no(house: House) -> None:
    """Stripe saves a 500 under its key: asking again repeats it, and its list shows that nothing happened."""
    order = house.order()
    refund = issue(house, order)
    house.sandbox.fault(method="POST /v1/refunds", kind="error_500", side="before", times=1)
    house.later(WINDOW)
    for _ in range(12):
        house.later(61)
    api = house.api()
    assert api.get(refund["subject"])["status"] == "failed" and paid_back(house) == []
    case = only_case(house, refund["subject"])
    assert case["reason"] == "vendor_rejected" and "shows that nothing was done" in case["says"]
    api.post(f"{case['url']}/retry", {"reason": "Stripe is well again"})
    house.drain()
    assert api.get(refund["subject"])["status"] == "succeeded" and paid_back(house) == [1000]
