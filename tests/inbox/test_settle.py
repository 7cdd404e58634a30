"""Settling: whatever comes, however often and in whatever order, ends where the processor is."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import random
from typing import Any

import pytest
import stripe

from opsconsole import jobs
from opsconsole.sandbox.stripe._errors import ApiError
from opsconsole.vendors.payments import RefundFacts

from ..house import House
from ..webhooks.stripe_deliveries import an_event
from .scenes import Between, give_back, hold_webhooks, mirrored, statuses, tell, told, truth

REFUND_KINDS = ("refund.created", "charge.refunded", "refund.updated", "refund.failed")


def test_every_order_of_a_refunds_events_ends_in_the_same_state(house: House) -> None:
    """24 payments: the k-th hears of its failed refund in the k-th permutation, each event twice."""
    hold_webhooks(house)
    orders = list(itertools.permutations(range(len(REFUND_KINDS))))
    payments = [house.pay(6000) for _ in orders]
    refunds = [give_back(house, payment, 1500) for payment in payments]
    for refund in refunds:
        house.sandbox.stripe.move_refund(refund, "failed", failure_reason="declined")
    heard = told(house)
    for payment, order in zip(payments, orders, strict=True):
        mine = [event for event in heard if event["data"]["object"].get("payment_intent") == payment]
        by_kind = {event["type"]: event for event in mine}
        assert set(REFUND_KINDS) <= set(by_kind)
        for nth in (*order, *order[::-1]):
            tell(house, by_kind[REFUND_KINDS[nth]])
            house.work()
    assert mirrored(house) == truth(house, payments)
    assert statuses(house) == {"settled": len(orders) * len(REFUND_KINDS)}
    cases = house.rows("select reason, status, count(*) from cases group by 1, 2")
    assert [tuple(row) for row in cases] == [("refund_failed", "open", len(orders))]


@pytest.mark.parametrize("seed", range(6))
def test_a_world_that_moves_while_its_events_come_late_twice_and_shuffled(house: House, seed: int) -> None:
    chance = random.Random(seed)
    hold_webhooks(house)
    payments = [house.pay(10_000) for _ in range(3)]
    refunds: list[str] = []
    disputes: list[str] = []
    waiting: list[dict[str, Any]] = []
    known: set[str] = set()

    def move_the_world() -> None:
        what = chance.choice(("refund", "refund", "move", "move", "dispute", "close"))
        if what == "refund":
            refunds.append(give_back(house, chance.choice(payments), 100))
        elif what == "move" and refunds:
            house.sandbox.stripe.move_refund(
                chance.choice(refunds), chance.choice(("pending", "succeeded", "failed", "requires_action"))
            )
        elif what == "dispute" and len(disputes) < len(payments):
            made = house.sandbox.stripe.dispute(payments[len(disputes)], amount=200)
            disputes.append(made["id"])
        elif what == "close" and disputes:
            house.sandbox.stripe.close_dispute(
                disputes[chance.randrange(len(disputes))], chance.choice(("won", "lost"))
            )

    for _ in range(25):
        with contextlib.suppress(
            ValueError, ApiError, stripe.StripeError
        ):  # what Stripe refuses does not happen
            move_the_world()
        new = [event for event in told(house) if event["id"] not in known]
        known |= {event["id"] for event in new}
        waiting += new * chance.choice((1, 2, 3))
        chance.shuffle(waiting)
        for _ in range(chance.randrange(4)):
            if waiting:
                tell(house, waiting.pop())
        if chance.random() < 0.5:
            house.work()
    tell(house, *waiting)
    house.work()
    assert mirrored(house) == truth(house, payments)
    assert set(statuses(house)) <= {"settled", "ignored"} and sum(statuses(house).values()) == len(known)


def test_an_older_fetch_never_overwrites_a_newer_one(house: House) -> None:
    """While one worker holds what it fetched of a refund, it fails, and another worker takes that in."""
    hold_webhooks(house)
    payment = house.pay(6000)
    refund = give_back(house, payment, 1000)
    before = told(house)
    tell(house, *(event for event in before if event["type"] == "payment_intent.succeeded"))
    house.work()
    tell(house, *(event for event in before if event["type"] == "refund.created"))

    def overtaken(facts: RefundFacts) -> RefundFacts:
        house.sandbox.stripe.move_refund(refund, "failed", failure_reason="declined")
        tell(house, *(event for event in told(house) if event["type"] == "charge.refunded"))
        [other] = house.rows("select id from inbox_events where kind = 'charge.refunded'")
        with house.app.app_context():
            assert jobs.settle(other.id) == "settled"
        assert mirrored(house)[refund][0] == "failed"
        return facts

    with Between("fetch_refund", overtaken):
        house.work()
    assert mirrored(house) == truth(house, [payment])
    assert [row.status for row in house.rows("select status from refunds")] == ["failed"]


def test_events_of_one_object_are_settled_by_one_fetch(house: House) -> None:
    hold_webhooks(house)
    payment = house.pay(6000)
    for amount in (100, 200, 300):
        give_back(house, payment, amount)
    events = [
        event for event in told(house) if event["type"] in ("charge.refunded", "payment_intent.succeeded")
    ]
    assert len(events) == 4
    tell(house, *events)
    house.sandbox.calls.clear()
    assert house.work() == 1
    asked = [call["path"] for call in house.sandbox.calls]
    assert asked.count(f"/v1/payment_intents/{payment}") == 1
    settling = house.rows("select distinct settled_by from inbox_events")
    assert statuses(house) == {"settled": 4} and len(settling) == 1


def test_while_the_vendor_is_down_events_wait_and_nothing_is_lost(house: House) -> None:
    hold_webhooks(house)
    payment = house.pay(6000)
    give_back(house, payment, 1000)
    tell(house, *told(house))
    down = house.sandbox.fault(method="GET *", kind="down")
    house.work()
    assert set(statuses(house)) == {"received", "ignored"} and mirrored(house) == {}
    for _ in range(12):
        house.later(61)
    assert statuses(house)["received"] >= 2 and house.rows("select * from cases") == []
    words = house.rows(
        "select distinct words from inbox_events where status = 'received' and words is not null"
    )
    assert words
    house.sandbox.faults.remove(down)
    house.later(61)
    assert mirrored(house) == truth(house, [payment])
    assert "received" not in statuses(house)


def test_a_vendor_that_is_silent_for_a_day_becomes_a_case_that_can_be_retried(house: House) -> None:
    hold_webhooks(house)
    payment = house.pay(6000)
    tell(house, *(event for event in told(house) if event["type"] == "payment_intent.succeeded"))
    down = house.sandbox.fault(method="GET *", kind="down")
    house.work()
    house.later(25 * 3600)
    [case] = house.api().get("/cases?status=open")["items"]
    assert case["reason"] == "poison_payload"
    house.sandbox.faults.remove(down)
    house.api().post(f"{case['url']}/retry", {"reason": "Stripe is back"})
    house.drain()
    assert mirrored(house) == truth(house, [payment]) and statuses(house) == {"settled": 1}


def test_what_the_vendor_no_longer_has_is_ignored_with_words(house: House) -> None:
    tell(house, an_event("refund.updated", {"id": "re_of_long_ago", "object": "refund"}))
    house.work()
    [event] = house.api().get("/inbox")["items"]
    assert (event["status"], event["says"]) == ("ignored", "Stripe no longer has re_of_long_ago.")


def test_kinds_that_nobody_needs_are_ignored_without_asking_anybody(house: House) -> None:
    hold_webhooks(house)
    house.pay(6000)
    kinds = ("charge.succeeded", "payment_intent.created")
    tell(house, *(event for event in told(house) if event["type"] in kinds))
    tell(
        house,
        an_event("payment_method.attached", {"id": "pm_1", "object": "payment_method"}),
    )
    house.sandbox.calls.clear()
    house.work()
    assert statuses(house) == {"ignored": 3} and list(house.sandbox.calls) == []


# ------------------------------------------------------------------ poison


def impossible(facts: RefundFacts) -> RefundFacts:
    """A refund of nothing: our table refuses it."""
    return dataclasses.replace(facts, amount=0)


def poisoned(house: House) -> tuple[str, dict[str, Any]]:
    """A refund whose facts cannot be taken in, tried until it is a case. Returns its payment and the case."""
    hold_webhooks(house)
    payment = house.pay(6000)
    tell(house, *(event for event in told(house) if event["type"] == "payment_intent.succeeded"))
    house.work()
    give_back(house, payment, 1000)
    tell(house, *(event for event in told(house) if event["type"] == "refund.created"))
    with Between("fetch_refund", impossible):
        house.work()
        for _ in range(10):
            house.later(61)
    [case] = house.api().get("/cases?status=open")["items"]
    return payment, case


def test_an_event_that_cannot_be_digested_becomes_one_case_after_five_attempts(house: House) -> None:
    _, case = poisoned(house)
    assert case["reason"] == "poison_payload" and case["subject"].startswith("/inbox/")
    event = house.api().get(case["subject"])
    assert (event["status"], event["attempts"]) == ("manual_intervention", 5)
    assert "IntegrityError" in event["says"] and "Key (" not in event["says"]


def test_poison_holds_up_nobody_else(house: House) -> None:
    hold_webhooks(house)
    payment = house.pay(6000)
    refund = give_back(house, payment, 1000)
    tell(house, *told(house))
    with Between("fetch_refund", impossible):
        house.work()
    assert mirrored(house)[payment] == truth(house, [payment])[payment]
    assert mirrored(house)[refund] == ("succeeded", 1000, payment)  # the payment's own event brought it


def test_a_retry_after_the_cause_is_mended_settles_it(house: House) -> None:
    payment, case = poisoned(house)
    house.api().post(f"{case['url']}/retry", {"reason": "mended"})
    house.drain()
    assert house.api().get(case["subject"])["status"] == "settled"
    assert mirrored(house) == truth(house, [payment])
    assert house.api().get(case["url"])["outcome"] == "retried"


def test_a_retry_that_fails_again_is_one_case_again(house: House) -> None:
    _, case = poisoned(house)
    with Between("fetch_refund", impossible):
        house.api().post(f"{case['url']}/retry", {"reason": "perhaps"})
        for _ in range(10):
            house.later(61)
    again = house.api().get("/cases?status=open")["items"]
    assert [(c["reason"], c["subject"]) for c in again] == [("poison_payload", case["subject"])]
    assert again[0]["id"] != case["id"]


def test_dismissing_leaves_the_event_alone(house: House) -> None:
    _, case = poisoned(house)
    house.api().post(f"{case['url']}/dismiss", {"reason": "a test payment"})
    house.later(3600)
    event = house.api().get(case["subject"])
    assert (event["status"], event["says"]) == ("ignored", "Dismissed: a test payment")
    assert house.api().get("/cases?status=open")["items"] == []


def test_a_later_event_of_the_same_object_solves_the_case(house: House) -> None:
    payment, case = poisoned(house)
    [refund] = [event["data"]["object"]["id"] for event in told(house) if event["type"] == "refund.created"]
    house.sandbox.stripe.move_refund(refund, "failed", failure_reason="declined")
    tell(house, *(event for event in told(house) if event["type"] == "refund.failed"))
    house.drain()
    assert mirrored(house) == truth(house, [payment])
    assert house.api().get(case["subject"])["status"] == "settled"
    assert house.api().get(case["url"])["status"] == "resolved"


def test_an_outage_is_not_counted_as_poison(house: House) -> None:
    """After a long outage the first fault of ours is tried again like any other first fault."""
    hold_webhooks(house)
    payment = house.pay(6000)
    tell(house, *(event for event in told(house) if event["type"] == "payment_intent.succeeded"))
    house.work()
    give_back(house, payment, 1000)
    tell(house, *(event for event in told(house) if event["type"] == "refund.created"))
    down = house.sandbox.fault(method="GET *", kind="down")
    for _ in range(10):
        house.later(61)
    house.sandbox.faults.remove(down)
    with Between("fetch_refund", impossible):
        house.later(61)
    assert house.api().get("/cases?status=open")["items"] == []
    house.later(61)
    assert mirrored(house) == truth(house, [payment])


def test_an_event_that_kills_its_worker_five_times_is_not_given_to_a_sixth(house: House) -> None:
    hold_webhooks(house)
    house.pay(6000)
    tell(house, *(event for event in told(house) if event["type"] == "payment_intent.succeeded"))

    class Killed(BaseException):
        """The process ends here, whatever the code around it wants."""

    def kills(_: Any) -> Any:
        raise Killed

    with Between("fetch_payment", kills):
        for _ in range(5):
            with pytest.raises(Killed):
                house.work()
            house.advance(61)
            jobs.run._connection = None  # its locks went with it
        house.work()
    [case] = house.api().get("/cases?status=open")["items"]
    assert case["reason"] == "poison_payload" and statuses(house) == {"manual_intervention": 1}


def test_a_vendor_that_is_down_is_asked_by_one_probe_not_by_every_event(house: House) -> None:
    hold_webhooks(house)
    payments = [house.pay(1000) for _ in range(12)]
    tell(house, *(event for event in told(house) if event["type"] == "payment_intent.succeeded"))
    down = house.sandbox.fault(method="GET *", kind="down")
    before = len(house.sandbox.calls)
    house.work()
    assert len(house.sandbox.calls) - before == 5  # the breaker opens after the fifth
    [breaker] = house.rows("select opened_at is not null from breakers where method = 'fetch_payment'")
    assert breaker[0]
    house.sandbox.faults.remove(down)
    for _ in range(3):
        house.later(61)
    assert mirrored(house) == truth(house, payments)
    assert house.rows("select count(*) from breakers where opened_at is not null")[0][0] == 0
