"""Refunds in a storm: each happens exactly once, every screen tells the truth, nothing stays behind.

A small storm in every run, large ones for CHAOS_MINUTES as a soak. CHAOS_SEED repeats one, CHAOS_REFUNDS and CHAOS_KILLS
say how large.
"""

from __future__ import annotations

import os
import random
import re
import time
from collections import Counter
from typing import Any

import pytest

from .machine import Machine
from .storm import Asked, Storm

SEED = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10**6))
REFUNDS = int(os.environ.get("CHAOS_REFUNDS", "0"))
KILLS = int(os.environ.get("CHAOS_KILLS", "0"))
MINUTES = float(os.environ.get("CHAOS_MINUTES", "10"))
RESCUED_WITHIN = 10.0  # seconds, 99 of 100

pytestmark = pytest.mark.chaos


def test_refunds_in_a_storm(machine: Machine) -> None:
    weather(machine, SEED, refunds=REFUNDS or 50, kills=KILLS or 12, harms=1)


@pytest.mark.soak
def test_storm_after_storm(machine: Machine) -> None:
    until, rounds = time.monotonic() + 60 * MINUTES, 0
    while time.monotonic() < until:
        rounds += 1
        weather(machine, SEED + rounds, refunds=REFUNDS or 200, kills=KILLS or 50, harms=3)
    print(f"{rounds} storms")


def weather(machine: Machine, seed: int, *, refunds: int, kills: int, harms: int) -> None:
    """One storm and all that must hold after it."""
    print(f"\nCHAOS_SEED={seed}")
    before = len(machine.ledger())
    storm = Storm(machine, seed, refunds=refunds, kills=kills, harms=harms)
    asked = storm.run()
    rescues = rescued(machine, storm)
    print(f"{len(storm.deaths)} workers killed, {dict(storm.done)}, answers {dict(storm.answers)}")
    print("rescued " + ", ".join(f"{name} {value:.2f}" for name, value in rescues.items()))
    assert len(storm.deaths) >= kills and storm.done["postgres restarted"] >= harms
    assert storm.answers.keys() <= {0, 201, 409, 503}, "the console may be away, but it never breaks"
    assert storm.lies == []
    everything_happened_once(machine, storm, asked, machine.ledger()[before:])
    asking_again_gives_the_same_answer(storm, asked[:10])
    screens_tell_the_truth(machine, storm)
    the_audit_is_complete(machine, storm)
    nothing_is_left(machine)
    assert rescues["p99"] < RESCUED_WITHIN, "what a dead worker held is taken over within seconds"


def everything_happened_once(
    machine: Machine, storm: Storm, asked: list[Asked], effects: list[dict[str, Any]]
) -> None:
    assert storm.accepted.keys() == {one.key for one in asked}
    ids = [accepted["subject"].rsplit("/", 1)[-1] for accepted in storm.accepted.values()]
    assert len(set(ids)) == len(asked), "no two submissions got one refund"
    assert Counter(effect["metadata"]["opsconsole_subject"] for effect in effects) == Counter(ids)
    payments = {one.order["id"]: paid_by(machine, one.order) for one in asked}
    wanted = Counter((payments[one.order["id"]], one.amount) for one in asked)
    assert Counter((effect["payment"], effect["amount"]) for effect in effects) == wanted


def paid_by(machine: Machine, order: dict[str, Any]) -> str:
    [payment] = order["payments"]
    return str(machine.api.get(payment)["external_id"])


def asking_again_gives_the_same_answer(storm: Storm, sample: list[Asked]) -> None:
    for one in sample:
        assert storm.submit(one) == storm.accepted[one.key]


def screens_tell_the_truth(machine: Machine, storm: Storm) -> None:
    """What JSON and pages say is what the processor says."""
    browser = machine.page()
    for number, accepted in enumerate(storm.accepted.values()):
        refund = machine.api.get(accepted["subject"])
        real = requested(machine, refund["external_id"])
        assert refund["status"] == real["status"] == "succeeded"
        assert refund["amount"]["amount"] == f"{real['amount'] / 100:.2f}"
        if number % 10 == 0:
            page = browser.get(f"{machine.url}{accepted['subject']}", timeout=10)
            assert page.status_code == 200
            stands = page.text.split('id="refund-status"')[1].split('id="story"')[0]
            words = re.sub(r"<[^>]+>", " ", stands).casefold()
            assert "succeeded" in words and "submitted" not in words and "planned" not in words, words


def requested(machine: Machine, external_id: str) -> dict[str, Any]:
    """A refund as the processor's own API shows it."""
    from ..house import KEY

    answer = machine.sandbox.ask("GET", f"/v1/refunds/{external_id}", Authorization=f"Bearer {KEY}")
    assert answer is not None and answer.status_code == 200
    return dict(answer.json())


def the_audit_is_complete(machine: Machine, storm: Storm) -> None:
    """Who asked, every try, what came back: for each refund."""
    for accepted in storm.accepted.values():
        refund_id = accepted["subject"].rsplit("/", 1)[-1]
        entries = machine.rows(
            "select act, by, by_id, array_length(promises, 1) from audit_entries where subject = %(id)s",
            id=refund_id,
        )
        acts = Counter(act for act, *_ in entries)
        # An answer that was lost is never recorded: then the webhook alone proves that it was done.
        assert acts["refunds.issue"] == 1 and acts["refunds.sent"] <= 1 and acts["refunds.settle"] >= 1, acts
        assert [(by, promises) for act, by, _, promises in entries if act == "refunds.issue"] == [
            ("token demo", 1)
        ]
        assert all(by and by_id for _, by, by_id, _ in entries)
        [[counted, outcomes]] = machine.rows(
            "select p.attempts, array_agg(a.outcome order by a.fence) from promises p"
            " join attempts a on a.promise_id = p.id where p.subject_id = %(id)s group by p.id",
            id=refund_id,
        )
        assert counted == len(outcomes) and outcomes.count("kept") == acts["refunds.sent"], outcomes
        assert "kept" not in outcomes[:-1], outcomes
        trace = machine.api.get(f"/traces/{accepted['trace']}")
        assert {"act", "attempt", "event"} <= {entry["kind"] for entry in trace["entries"]}
        assert trace["waiting_for"] == []


def nothing_is_left(machine: Machine) -> None:
    # Orders that wait for a pharmacy meanwhile have causes of their own, with a dot in their codes.
    assert [one for one in machine.api.get("/cases?status=open")["items"] if "." not in one["reason"]] == []
    assert machine.rows("select status, count(*) from promises group by 1") == machine.rows(
        "select status, count(*) from promises where status = 'kept' group by 1"
    )
    assert machine.rows("select id from attempts where ended_at is null") == []
    assert machine.rows("select id from inbox_events where status not in ('settled', 'ignored')") == []
    assert machine.rows("select promise_id, round from attempts where round <> 1") == []


def rescued(machine: Machine, storm: Storm) -> dict[str, float]:
    """Seconds from the deaths of workers to the next claims of what they held."""
    rows = machine.rows(
        """
        select lost.worker, extract(epoch from lost.started_at)::float, extract(epoch from next.started_at)::float
        from attempts lost join attempts next on next.promise_id = lost.promise_id and next.fence = lost.fence + 1
        where lost.outcome = 'lost'
        """
    )
    took = []
    for worker, claimed, again in rows:
        died = (
            storm.deaths.get(int(worker.split()[-1]), 0.0) + storm.ahead
        )  # the console's instants are ahead
        if claimed <= died <= again:  # else the database died first, and the worker outlived its claim
            took.append(again - died)
    assert len(took) >= storm.kills // 10, "hardly a worker died holding a claim: that was no storm"
    took.sort()
    return {
        "p50": took[len(took) // 2],
        "p99": took[int(len(took) * 0.99)],
        "max": took[-1],
        "of": float(len(took)),
    }
