"""Webhooks in a storm: real processes, many clients, each delivery three times and all of them shuffled.

Ten thousand events, each delivered three times. STORM_SEED repeats a storm's order.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from ..chaos.machine import Machine
from ..house import KEY
from ..machine.conftest import new_home
from .stripe_deliveries import an_event, body_of, signature

OBJECTS = 200  # payments, and as many refunds
SEED = int(os.environ.get("STORM_SEED") or random.SystemRandom().randrange(10**6))
TIMES = 3
AUTH = {"Authorization": f"Bearer {KEY}"}
CLIENTS = 6
MOVED = OBJECTS // 5  # refunds that fail at the bank while the storm blows

pytestmark = pytest.mark.chaos

ABOUT_PAYMENTS = (
    *("payment_intent.succeeded", "charge.succeeded", "charge.refunded", "charge.updated"),
    *("charge.dispute.created", "payment_intent.created", "charge.dispute.closed"),
)
ABOUT_REFUNDS = ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated")
UNHEARD_OF = ("quantum.entangled", "invoice.upcoming")


@pytest.fixture
def machine() -> Iterator[Machine]:
    with new_home() as home, Machine(home, workers=2) as started:
        yield started


@pytest.mark.parametrize(
    "count", [250, *(pytest.param(many, marks=pytest.mark.soak) for many in (500, 2_000, 10_000))]
)
def test_thousands_of_events_three_times(machine: Machine, count: int) -> None:
    print(f"\nSTORM_SEED={SEED}")
    chance = random.Random(SEED)
    load(machine)
    deliveries = [body for body in events(chance, count) for _ in range(TIMES)]
    forgeries = len(deliveries) // 50
    letters = [(body, True) for body in deliveries] + [(body, False) for body in deliveries[:forgeries]]
    chance.shuffle(letters)
    began = time.monotonic()
    mover = threading.Thread(target=move_the_world, args=(machine,))
    mover.start()
    answers = deliver(machine, letters)
    mover.join()
    delivered = time.monotonic()
    assert answers == {(200, True): count, (200, False): count * (TIMES - 1), (400, None): forgeries}
    machine.wait(lambda: nothing_waits(machine), "every event is settled", seconds=60, every=0.2)
    print(f"{len(letters)} in {delivered - began:.1f} s, settled {time.monotonic() - delivered:.1f} s later")
    assert machine.rows("select count(*) from inbox_events where external_id like 'evt_000%%'")[0][0] == count
    assert mirrored(machine) == truth(machine)
    assert Counter(status for status, *_ in truth(machine).values())["failed"] == MOVED
    opened = dict(machine.rows("select reason, count(*) from cases group by 1"))
    assert opened.pop("signature_refused", 0) <= 1, "of forgeries there is one incident at most"
    assert opened == {"refund_failed": MOVED}
    assert machine.rows("select sum(count) from rejected_counts")[0][0] == forgeries


def load(machine: Machine) -> None:
    """Payments with a refund each, of which nobody has told the console yet."""
    lines = [
        {
            "object": "payment", "id": f"pi_storm{n}", "amount": 5000 + n, "currency": "usd", "created": int(time.time()),
            "refunds": [{"id": f"re_storm{n}", "amount": 100 + n, "status": "succeeded"}],
        }
        for n in range(OBJECTS)
    ]  # fmt: skip
    body = "\n".join(map(json.dumps, lines))
    requests.post(f"{machine.sandbox_url}/_sandbox/stripe/load", data=body, timeout=30).raise_for_status()


def events(chance: random.Random, count: int) -> Iterator[bytes]:
    """Events of all kinds, whose payloads tell less than the truth: only what they are about is right."""
    for n in range(count):
        at = n % OBJECTS
        if n < OBJECTS:  # every payment is told of at least once
            subject = {"id": f"pi_storm{at}", "object": "payment_intent", "status": "processing"}
            kind = "payment_intent.succeeded"
        elif chance.random() < 0.05:
            subject = {"id": f"odd_{n}", "object": "oddity"}
            kind = chance.choice(UNHEARD_OF)
        elif chance.random() < 0.5:
            subject = {"id": f"re_storm{at}", "object": "refund", "status": "pending", "amount": 1}
            kind = chance.choice(ABOUT_REFUNDS)
        else:
            subject = {"id": f"ch_{n}", "object": "charge", "payment_intent": f"pi_storm{at}", "amount": 1}
            kind = chance.choice(ABOUT_PAYMENTS)
        yield body_of(an_event(kind, subject))


def move_the_world(machine: Machine) -> None:
    """Banks send refunds back; Stripe tells of it by webhooks of its own, through the same door."""
    for n in range(MOVED):
        moved = {"status": "failed", "failure_reason": "declined"}
        machine.sandbox.post(f"/_sandbox/stripe/refunds/re_storm{n}/move", moved)
        time.sleep(0.05)


def deliver(machine: Machine, letters: list[tuple[bytes, bool]]) -> Counter[tuple[int, bool | None]]:
    """Deliver (body, genuine) by several clients at once. Returns how many got which status and `new`."""
    answers: Counter[tuple[int, bool | None]] = Counter()
    counting = threading.Lock()

    def client(mine: list[tuple[bytes, bool]]) -> None:
        own: Counter[tuple[int, bool | None]] = Counter()
        line = http.client.HTTPConnection("127.0.0.1", machine.port, timeout=30)
        for body, genuine in mine:
            made = signature(body) if genuine else signature(body, secret="whsec_of_somebody_else")
            line.request("POST", "/webhooks/stripe", body, {"Stripe-Signature": made})
            answer = line.getresponse()
            own[answer.status, json.loads(answer.read()).get("new")] += 1
        line.close()
        with counting:
            answers.update(own)

    clients = [threading.Thread(target=client, args=(letters[n::CLIENTS],)) for n in range(CLIENTS)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    return answers


def nothing_waits(machine: Machine) -> bool:
    sent = machine.sandbox.get("/_sandbox/webhooks?limit=1")["counts"]
    received = machine.rows("select count(*) from inbox_events where status = 'received'")[0][0]
    return not sent.get("waiting") and not received


def truth(machine: Machine) -> dict[str, tuple[Any, ...]]:
    """What the sandbox holds."""
    found: dict[str, tuple[Any, ...]] = {}
    for n in range(OBJECTS):
        intent = asked(machine, f"payment_intents/pi_storm{n}")
        found[intent["id"]] = (intent["status"], intent["amount"], intent["amount_received"])
    for refund in refunds(machine):
        found[refund["id"]] = (refund["status"], refund["amount"], refund["payment_intent"])
    return found


def asked(machine: Machine, path: str, **query: str) -> Any:
    answer = requests.get(f"{machine.sandbox_url}/v1/{path}", params=query, headers=AUTH, timeout=30)
    answer.raise_for_status()
    return answer.json()


def refunds(machine: Machine) -> Iterator[dict[str, Any]]:
    after: dict[str, str] = {}
    while True:
        page = asked(machine, "refunds", limit="100", **after)
        yield from page["data"]
        if not page["has_more"]:
            return
        after = {"starting_after": page["data"][-1]["id"]}


def mirrored(machine: Machine) -> dict[str, tuple[Any, ...]]:
    """What the console's tables hold."""
    payments = machine.rows("select external_id, raw_status, amount, captured from payments")
    refunds = machine.rows(
        "select r.external_id, r.raw_status, r.amount, p.external_id from refunds r join payments p on p.id = r.payment_id"
    )
    return {row[0]: tuple(row[1:]) for row in [*payments, *refunds]}
