"""Idempotency keys as docs.stripe.com/api/idempotent_requests and /error-low-level describe them."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import stripe

from .conftest import World

DAY = 86400


def post(world: World, key: str, payment: str, **more: Any) -> Any:
    data = {"payment_intent": payment, "amount": 100, **more}
    return world.call("POST", "/v1/refunds", headers={"Idempotency-Key": key}, data=data)


def test_the_same_request_is_done_once(world: World) -> None:
    payment = world.pay().id
    first, second = post(world, "k", payment), post(world, "k", payment)
    assert first.get_data() == second.get_data()
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == "k"
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["Original-Request"] == first.headers["Request-Id"] != second.headers["Request-Id"]
    assert [entry["idempotency_key"] for entry in world.sandbox.ledger("refund")] == ["k"]
    world.sandbox.flush()
    assert world.types().count("refund.created") == 1


def test_without_a_key_nothing_is_kept(world: World) -> None:
    payment = world.pay().id
    world.call("POST", "/v1/refunds", data={"payment_intent": payment, "amount": 100})
    world.call("POST", "/v1/refunds", data={"payment_intent": payment, "amount": 100})
    assert len(world.sandbox.ledger("refund")) == 2


def test_a_key_belongs_to_one_request(world: World) -> None:
    payment = world.pay().id
    post(world, "k", payment)
    with pytest.raises(stripe.IdempotencyError):
        world.sdk.v1.refunds.create({"payment_intent": payment, "amount": 101}, {"idempotency_key": "k"})
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        world.sdk.v1.customers.create({}, {"idempotency_key": "k"})
    assert len(world.sandbox.ledger("refund")) == 1


def test_a_definite_refusal_is_kept(world: World) -> None:
    payment = world.pay(1000).id
    over = post(world, "k", payment, amount=1001)
    assert over.status_code == 400
    again = post(world, "k", payment, amount=1001)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert post(world, "k", payment, amount=100).json["error"]["type"] == "idempotency_error"
    declined = {
        "amount": 500,
        "currency": "usd",
        "payment_method": "pm_card_chargeDeclined",
        "confirm": "true",
    }
    answers = [
        world.call("POST", "/v1/payment_intents", headers={"Idempotency-Key": "d"}, data=declined)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [402, 402]
    assert len(world.sdk.v1.charges.list().data) == 2, "one paid, one declined"


def test_invalid_parameters_are_not_kept(world: World) -> None:
    payment = world.pay().id
    assert post(world, "k", payment, amount="x").status_code == 400
    assert post(world, "k", payment, colour="red").status_code == 400
    assert post(world, "k", payment).status_code == 200


@pytest.mark.parametrize(
    "kind", ["rate_limit", "lock_timeout", "unauthorized", "forbidden", "down", "refused"]
)
def test_what_comes_before_execution_is_not_kept(world: World, kind: str) -> None:
    payment = world.pay().id
    world.sandbox.fault(method="POST /v1/refunds", kind=kind, times=1)
    try:
        assert post(world, "k", payment).status_code in (401, 403, 429, 503)
    except ConnectionError:
        assert kind == "refused"
    assert world.sandbox.ledger("refund") == []
    done = post(world, "k", payment)
    assert done.status_code == 200 and "Idempotent-Replayed" not in done.headers


@pytest.mark.parametrize(("side", "refunds"), [("before", 0), ("after", 1)])
def test_a_500_is_kept_and_replayed_for_ever(world: World, side: str, refunds: int) -> None:
    payment = world.pay().id
    world.sandbox.fault(method="POST /v1/refunds", kind="error_500", side=side, times=1)
    for attempt in range(3):
        answer = post(world, "k", payment)
        assert answer.status_code == 500
        assert answer.headers.get("Idempotent-Replayed") == ("true" if attempt else None)
        assert answer.headers["Stripe-Should-Retry"] == "false"
    assert len(world.sandbox.ledger("refund")) == refunds
    assert len(world.sdk.v1.refunds.list({"payment_intent": payment}).data) == refunds


def test_a_key_is_forgotten_after_a_day_and_then_executes_again(world: World) -> None:
    payment = world.pay().id
    post(world, "k", payment)
    world.sandbox.advance(DAY - 60)
    assert post(world, "k", payment).headers["Idempotent-Replayed"] == "true"
    world.sandbox.advance(120)
    again = post(world, "k", payment)
    assert again.status_code == 200 and "Idempotent-Replayed" not in again.headers
    assert len(world.sandbox.ledger("refund")) == 2


def test_keys_have_a_longest_length(world: World) -> None:
    payment = world.pay().id
    assert post(world, "k" * 255, payment).status_code == 200
    assert post(world, "k" * 256, payment).status_code == 400
    assert len(world.sandbox.ledger("refund")) == 1


def test_two_at_once_with_one_key(world: World) -> None:
    payment = world.pay().id
    world.sandbox.fault(method="POST /v1/refunds", kind="slow", seconds=0.2, times=1)
    answers: list[Any] = []
    slow = threading.Thread(target=lambda: answers.append(post(world, "k", payment)))
    slow.start()
    while not world.sandbox.stripe.keys.running("k"):
        pass
    conflict = post(world, "k", payment)
    slow.join()
    assert (conflict.status_code, conflict.json["error"]["code"]) == (409, "idempotency_key_in_use")
    assert conflict.headers["Stripe-Should-Retry"] == "true"
    assert answers[0].status_code == 200
    assert post(world, "k", payment).headers["Idempotent-Replayed"] == "true"
    assert len(world.sandbox.ledger("refund")) == 1


def test_reading_and_deleting_take_no_keys(world: World) -> None:
    world.call("GET", "/v1/refunds", headers={"Idempotency-Key": "k"})
    customer = world.sdk.v1.customers.create().id
    assert (
        world.call("DELETE", f"/v1/customers/{customer}", headers={"Idempotency-Key": "k"}).status_code == 200
    )
    assert post(world, "k", world.pay().id).status_code == 200
