from __future__ import annotations

import gzip
import json
import threading
import time
from typing import Any

import pytest
import stripe

from opsconsole.sandbox import AnswerLost

from .conftest import World

REFUNDS = "POST /v1/refunds"


def test_limits_and_refusals(world: World) -> None:
    payment = world.pay()
    expected: dict[str, tuple[type[stripe.StripeError], int, str | None]] = {
        "rate_limit": (stripe.RateLimitError, 429, "rate_limit"),
        "lock_timeout": (stripe.RateLimitError, 429, "lock_timeout"),
        "unauthorized": (stripe.AuthenticationError, 401, None),
        "forbidden": (stripe.PermissionError, 403, None),
        "down": (stripe.APIError, 503, None),
        "error_500": (stripe.APIError, 500, None),
    }
    for kind, (error, status, code) in expected.items():
        world.sandbox.fault(method=REFUNDS, kind=kind, times=1)
        with pytest.raises(error) as caught:
            world.refund(payment, 10)
        assert caught.value.http_status == status
        assert getattr(caught.value.error, "code", None) == code
        should_retry = (caught.value.headers or {}).get("Stripe-Should-Retry")
        assert should_retry == {"lock_timeout": "true", "error_500": "false"}.get(kind)
    assert world.sandbox.ledger("refund") == []
    assert world.refund(payment, 10).status == "succeeded"


@pytest.mark.parametrize(("kind", "effects"), [("lost_answer", 1), ("refused", 0)])
def test_no_answer_with_and_without_effect(world: World, kind: str, effects: int) -> None:
    payment = world.pay()
    world.sandbox.fault(method=REFUNDS, kind=kind, times=1)
    with pytest.raises(stripe.APIConnectionError):
        world.refund(payment)
    assert len(world.sandbox.ledger("refund")) == effects
    world.sandbox.fault(method=REFUNDS, kind=kind, times=1)
    with pytest.raises(AnswerLost):
        world.call("POST", "/v1/refunds", data={"payment_intent": payment.id})


def test_a_lost_answer_can_also_be_a_lost_request(world: World) -> None:
    payment = world.pay()
    world.sandbox.fault(method=REFUNDS, kind="lost_answer", side="before", times=1)
    with pytest.raises(stripe.APIConnectionError):
        world.refund(payment)
    assert world.sandbox.ledger("refund") == []


def test_slow(world: World) -> None:
    world.sandbox.fault(method="GET /v1/refunds", kind="slow", seconds=0.05, times=1)
    started = time.monotonic()
    world.sdk.v1.refunds.list()
    assert time.monotonic() - started >= 0.05


def test_clearing_the_dials_lets_the_slow_go_on(world: World) -> None:
    world.sandbox.fault(method="GET *", kind="slow", seconds=60)
    answers: list[int] = []
    slow = threading.Thread(target=lambda: answers.append(world.call("GET", "/v1/refunds").status_code))
    slow.start()
    while not world.sandbox.faults.list()[0]["struck"]:
        time.sleep(0.001)
    while slow.is_alive():
        world.sandbox.clear_faults()
        slow.join(0.01)
    assert answers == [200]


def test_each_fifth_call_and_so_many_times(world: World) -> None:
    world.sandbox.fault(method="GET *", kind="down", every=5, times=2)
    statuses = [world.call("GET", "/v1/refunds").status_code for _ in range(20)]
    assert [number for number, status in enumerate(statuses, 1) if status == 503] == [5, 10]
    (dial,) = world.control("GET", "faults").json["faults"]
    assert (dial["seen"], dial["struck"]) == (20, 2)


def test_a_dial_for_calls_leaves_webhooks_alone(world: World) -> None:
    world.sandbox.fault(method="*", kind="down", times=1)
    world.sandbox.stripe.load(
        [{"object": "payment", "id": "pi_1", "amount": 100, "currency": "usd", "emit": True}]
    )
    assert world.sandbox.flush() == 2
    assert world.call("GET", "/v1/refunds").status_code == 503


@pytest.mark.parametrize(
    ("profile", "body"),
    [
        ("html200", "<!doctype html>"),
        ("bad_json", '{"id": "re_'),
        ("null", "null"),
        ("list", "[]"),
        ("nan", "NaN"),
    ],
)
def test_garbage_instead_of_an_object(world: World, profile: str, body: str) -> None:
    payment = world.pay()
    world.sandbox.fault(method=REFUNDS, kind="garbage", profile=profile, times=1)
    answer = world.call("POST", "/v1/refunds", data={"payment_intent": payment.id})
    assert answer.status_code == 200 and answer.get_data(as_text=True).startswith(body)
    assert len(world.sandbox.ledger("refund")) == 1, "the effect has happened"


def test_garbage_that_looks_right(world: World) -> None:
    payment = world.pay()
    for profile in ("missing_id", "wrong_types"):
        world.sandbox.fault(method=REFUNDS, kind="garbage", profile=profile, times=1)
        answer = world.call("POST", "/v1/refunds", data={"payment_intent": payment.id, "amount": 10}).json
        assert answer.get("id") is None or isinstance(answer["id"], list)
    world.sandbox.fault(method="GET *", kind="garbage", profile="missing_id", times=1)
    listed = world.call("GET", "/v1/refunds").json
    assert len(listed["data"]) == 2 and not any("id" in refund for refund in listed["data"])


def test_garbage_of_other_kinds(world: World) -> None:
    payment = world.pay()

    def get(profile: str, **dial: Any) -> Any:
        world.sandbox.fault(method="GET *", kind="garbage", profile=profile, times=1, **dial)
        return world.call("GET", f"/v1/payment_intents/{payment.id}")

    assert get("redirect").headers["Location"].startswith("http://169.254.169.254")
    assert len(get("huge", bytes=300_000).get_data()) >= 300_000
    bomb = get("gzip_bomb", bytes=1_000_000)
    assert len(bomb.get_data()) < 5000 and len(gzip.decompress(bomb.get_data())) == 1_000_000
    drip = get("drip", seconds=0)
    assert json.loads(drip.get_data())["id"] == payment.id


def test_garbage_before_the_effect(world: World) -> None:
    payment = world.pay()
    world.sandbox.fault(method=REFUNDS, kind="garbage", profile="null", side="before", times=1)
    world.call("POST", "/v1/refunds", data={"payment_intent": payment.id})
    assert world.sandbox.ledger("refund") == []


@pytest.mark.parametrize(
    "dial",
    [
        {},
        {"kind": "earthquake"},
        {"kind": "drop"},
        {"kind": "down", "method": "webhook"},
        {"kind": "slow", "seconds": -1},
        {"kind": "slow", "every": 0},
        {"kind": "slow", "every": "often"},
        {"kind": "slow", "times": 0},
        {"kind": "slow", "side": "inside"},
        {"kind": "garbage", "profile": "gold"},
        {"kind": "slow", "vendor": "nobody"},
        {"kind": "slow", "colour": "red"},
    ],
)
def test_dials_that_make_no_sense(world: World, dial: dict[str, Any]) -> None:
    answer = world.control("POST", "faults", dial)
    assert answer.status_code == 400 and answer.json["error"]
    assert world.control("GET", "faults").json == {"faults": []}


def test_dials_are_set_and_taken_away_over_http(world: World) -> None:
    first = world.control("POST", "faults", {"kind": "down", "method": "GET *", "vendor": "stripe"}).json[
        "id"
    ]
    world.control("POST", "faults", {"kind": "drop", "method": "webhook", "times": None})
    assert world.call("GET", "/v1/refunds").status_code == 503
    assert len(world.control("DELETE", f"faults/{first}").json["faults"]) == 1
    assert world.control("DELETE", f"faults/{first}").status_code == 404
    assert world.call("GET", "/v1/refunds").status_code == 200
    assert world.control("DELETE", "faults").json == {"faults": []}
