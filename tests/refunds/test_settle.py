"""The processor tells how a refund went, now or days later: its truth wins, in whatever order it arrives."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from opsconsole.sandbox.stripe import refunds as stripe_refunds

from ..house import House
from ..scenes import (
    WINDOW,
    cases_of,
    issue,
    nothing_written,
    only_case,
    paid_back,
    payment_id,
    processor,
    refund_elsewhere,
    sent,
)  # fmt: skip

SEEN = {status: status for status in stripe_refunds.STATUSES} | {"canceled": "failed"}


def redeliver(house: House, rng: random.Random, times: int = 1) -> None:
    """Every event so far again, `times` times, one by one in another order."""
    events = [event.id for event in processor(house).events.list({"limit": 100}).data] * times
    rng.shuffle(events)
    for event in events:
        house.sandbox.webhooks.redeliver("stripe", event, 1, house.sandbox.clock.now())
        house.sandbox.flush()
        if rng.random() < 0.5:
            house.work()
    house.drain()


@pytest.mark.parametrize("seed", [1, 2])
def test_every_status_and_reason_in_any_order_ends_in_the_processors_truth(house: House, seed: int) -> None:
    rng, api, order = random.Random(seed), house.api(), house.order("60.00")
    ends: list[dict[str, Any]] = [
        {"status": "succeeded"},
        {"status": "requires_action"},
        *({"status": "pending", "pending_reason": reason} for reason in stripe_refunds.PENDING_REASONS),
        *({"status": "failed", "failure_reason": reason} for reason in stripe_refunds.FAILURE_REASONS),
    ]
    made = [issue(house, order, "1.00")["subject"] for _ in ends]
    house.later(WINDOW)
    rng.shuffle(ends)
    for url, end in zip(made, ends, strict=True):
        for passing in rng.sample(ends, 2):  # it may have been anything in between
            house.sandbox.stripe.move_refund(api.get(url)["external_id"], **passing)
        house.sandbox.stripe.move_refund(api.get(url)["external_id"], **end)
    redeliver(house, rng)
    failed = 0
    for url, end in zip(made, ends, strict=True):
        refund = api.get(url)
        assert refund["status"] == SEEN[end["status"]] and refund["raw_status"] == end["status"], (
            end,
            refund,
        )
        assert refund["failure_reason"] == end.get("failure_reason") or end["status"] != "failed"
        assert refund["pending_reason"] == end.get("pending_reason") or end["status"] != "pending"
        reasons = [case["reason"] for case in cases_of(house, url)]
        assert reasons == (["refund_failed"] if end["status"] == "failed" else []), (end, reasons)
        failed += end["status"] == "failed"
    assert api.get(order["url"])["refundable"]["amount"] == f"{60 - len(ends) + failed:.2f}"
    assert len(api.get(f"/refunds?order={order['id']}")["items"]) == len(ends)


def test_the_same_news_again_changes_nothing(house: House) -> None:
    order = house.order("60.00")
    refund = sent(house, order)
    records = "refunds", "payments", "orders", "cases", "promises", "attempts"
    before = house.checksum()
    redeliver(house, random.Random(3), times=5)
    after = house.checksum()
    told = [house.rows(f"select * from {table}") for table in ("inbox_events",)]
    assert told and {table for table in records if before[table] != after[table]} <= {"refunds", "payments"}
    fresh = house.api().get(refund["url"])
    assert {k: v for k, v in fresh.items() if k != "fetched_at"} == {
        k: v for k, v in refund.items() if k != "fetched_at"
    }
    assert paid_back(house) == [1000]
    moves = house.rows("select after from status_moves where record_id = :id", id=refund["id"])
    assert [row.after for row in moves] == ["submitted", "succeeded"]


def test_what_came_back_opens_the_remainder_and_one_case_that_says_what_to_do(house: House) -> None:
    order, api = house.order("60.00", method="pm_card_refundFail"), house.api()
    done = issue(house, order, "60.00")
    house.later(WINDOW)
    refund = api.get(done["subject"])
    assert (refund["status"], refund["failure_reason"]) == ("failed", "expired_or_canceled_card")
    moves = house.rows(
        "select after from status_moves where record_id = :id order by at, id", id=refund["id"]
    )
    assert [row.after for row in moves][-1] == "failed"
    case = only_case(house, refund["id"])
    assert case["reason"] == "refund_failed" and "the card has expired" in case["says"]
    assert case["suggests"]["act"] == "refunds.issue" and case["suggests"]["url"].startswith(
        f"{order['url']}/refund?"
    )
    assert api.get(order["url"])["refundable"]["amount"] == "60.00"
    redeliver(house, random.Random(4), times=3)
    assert only_case(house, refund["id"])["id"] == case["id"]
    api.post(f"{case['url']}/dismiss", {"reason": "A cheque was sent"})
    redeliver(house, random.Random(5))
    assert cases_of(house, refund["id"]) == []  # what was dealt with does not come back


def test_a_failure_days_later_and_the_money_arriving_after_all(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    refund = sent(house, order)
    house.later(5 * 86400)
    assert api.get(refund["url"])["reference_number"]
    house.sandbox.stripe.move_refund(refund["external_id"], "failed", failure_reason="lost_or_stolen_card")
    house.drain()
    case = only_case(house, refund["id"])
    assert "lost or stolen" in case["says"] and api.get(order["url"])["refundable"]["amount"] == "60.00"
    house.sandbox.stripe.move_refund(refund["external_id"], "succeeded")
    house.drain()
    assert api.get(refund["url"])["status"] == "succeeded"
    assert api.get(case["url"])["outcome"] == "the money arrived after all"
    assert api.get(order["url"])["refundable"]["amount"] == "50.00"


def test_pending_counts_as_spent_until_the_bank_says_more(house: House) -> None:
    order, api = house.order("60.00", method="pm_card_pendingRefund"), house.api()
    refund = sent(house, order, "20.00")
    assert (refund["status"], refund["pending_reason"], refund["final"]) == ("pending", "processing", False)
    assert api.get(order["url"])["refundable"]["amount"] == "40.00"
    trace = api.get(f"/traces/{refund['trace']}")
    assert trace["waiting_for"] == ["Stripe to settle the refund of $20.00"]
    house.later(61)
    assert api.get(refund["url"])["status"] == "succeeded"
    assert api.get(f"/traces/{refund['trace']}")["waiting_for"] == []


def test_a_word_we_do_not_know_is_a_case_and_no_error(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    order, api = house.order("60.00"), house.api()
    refund = sent(house, order)
    with house.sandbox.stripe.turn() as turn:
        facts = turn.need("refund", refund["external_id"])
        facts["status"] = "teleported"
        turn.save("refund", facts)
        turn.emit("refund.updated", "refund", facts)
    house.drain()
    after = api.get(refund["url"])
    assert (after["status"], after["raw_status"]) == ("succeeded", "teleported")
    assert "teleported" in only_case(house, refund["id"])["says"]


def test_a_refund_of_a_payment_nobody_told_us_of_breaks_nothing(house: House) -> None:
    paid = house.pay(5000)
    house.sandbox.fault(kind="drop", method="webhook payment_intent.*")
    house.sandbox.fault(kind="drop", method="webhook charge.*")
    house.drain()
    processor(house).refunds.create({"payment_intent": paid, "amount": 100})
    house.drain()
    api = house.api()
    assert [event["status"] for event in api.get("/inbox?kind=refund.created")["items"]] == ["settled"]
    [entry] = api.get("/audit?act=refunds.settle")["items"]
    assert entry["subject"] is None and "do not know yet" in entry["says"]
    assert api.get("/refunds")["items"] == []
    with nothing_written(house):
        assert api.get(f"/traces/{entry['trace']}")["entries"]


class OnePayment(RuleBasedStateMachine):
    """One payment, and everything that people, banks and bad lines do to it, in any order."""

    house: House
    amounts = st.sampled_from(["1.00", "7.50", "20.00", "45.00"])
    pick = st.integers(0, 9)

    def __init__(self) -> None:
        super().__init__()
        self.house.lift_limits()
        self.api = self.house.api()
        self.order = self.house.order("60.00")
        self.payment = payment_id(self.house, self.order)
        self.disputes: list[str] = []

    def refunds(self) -> list[Any]:
        return list(self.api.get(f"/refunds?order={self.order['id']}")["items"])

    def left(self) -> float:
        return float(self.api.get(self.order["url"])["refundable"]["amount"])

    @rule(amount=amounts)
    def issue(self, amount: str) -> None:
        left = self.left()
        allowed = float(amount) <= left
        self.api.post(
            f"{self.order['url']}/refund", {"amount": amount, "reason": "damaged"}, 201 if allowed else 409
        )

    @rule(number=pick)
    def withdraw(self, number: int) -> None:
        planned = [one for one in self.refunds() if one["acts"][0]["allowed"]]
        if planned:
            self.api.post(f"{planned[number % len(planned)]['url']}/withdraw")

    @rule(amount=amounts)
    def elsewhere(self, amount: str) -> None:
        self.house.sandbox.clear_faults()  # somebody else's line is fine
        charge = self.charge()
        if not self.disputes and charge.amount - charge.amount_refunded >= int(float(amount) * 100):
            refund_elsewhere(self.house, self.order, int(float(amount) * 100))
            self.house.drain()

    @rule(number=pick, back=st.booleans())
    def the_bank_changes_its_mind(self, number: int, back: bool) -> None:
        known = [one for one in self.refunds() if one["external_id"] and one["status"] == "succeeded"]
        if known:
            id = known[number % len(known)]["external_id"]
            self.house.sandbox.stripe.move_refund(id, "failed" if back else "pending")
            self.house.drain()

    @rule()
    def dispute(self) -> None:
        if not self.disputes:
            self.disputes.append(self.house.sandbox.stripe.dispute(self.payment)["id"])
            self.house.drain()

    @rule()
    def win(self) -> None:
        if self.disputes:
            self.house.sandbox.stripe.close_dispute(self.disputes.pop(), "won")
            self.house.drain()

    @rule(kind=st.sampled_from(["lost_answer", "lock_timeout", "down"]))
    def a_bad_line(self, kind: str) -> None:
        self.house.sandbox.fault(kind=kind, method="POST /v1/refunds", times=1)

    @rule(seconds=st.sampled_from([5, 61, 3600]))
    def time_passes(self, seconds: int) -> None:
        self.house.later(seconds)

    @invariant()
    def what_is_left_is_a_sum_and_never_below_zero(self) -> None:
        payment = self.api.get(self.order["payments"][0])
        spent = sum(
            float(one["amount"]["amount"])
            for one in self.refunds()
            if one["status"] not in ("failed", "withdrawn")
        )
        assert float(payment["refunded"]["amount"]) == pytest.approx(spent)
        left = float(payment["captured"]["amount"]) - float(payment["disputed"]["amount"]) - spent
        assert self.left() == pytest.approx(max(0.0, left)) and self.left() >= 0

    def charge(self) -> Any:
        return processor(self.house).charges.list({"payment_intent": self.payment}).data[0]

    def teardown(self) -> None:
        self.house.sandbox.clear_faults()
        if self.disputes:
            self.house.sandbox.stripe.close_dispute(self.disputes.pop(), "won")
        for _ in range(3):
            self.house.later(1800)
        charge, ours = self.charge(), self.refunds()
        theirs = {
            one.id: one.status
            for one in processor(self.house).refunds.list({"charge": charge.id, "limit": 100}).data
        }
        assert {one["external_id"]: one["status"] for one in ours if one["external_id"]} == theirs
        assert all(one["status"] in ("failed", "withdrawn") for one in ours if not one["external_id"])
        assert self.left() == pytest.approx((charge.amount - charge.amount_refunded) / 100)
        spent = [
            one["amount"] for one in self.house.sandbox.ledger("refund") if one["payment"] == self.payment
        ]
        assert len(spent) == len(theirs)


def test_one_payment_whatever_happens_to_it(house: House) -> None:
    whatever_happens(house, times=6)


@pytest.mark.soak
def test_one_payment_whatever_happens_to_it_for_long(house: House) -> None:
    whatever_happens(house, times=150)


def whatever_happens(house: House, *, times: int) -> None:
    OnePayment.house = house
    run_state_machine_as_test(
        OnePayment,
        settings=settings(
            max_examples=times, stateful_step_count=10, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        ),
    )  # fmt: skip
