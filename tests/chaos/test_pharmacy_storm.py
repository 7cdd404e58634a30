"""Fills in a storm: workers are killed while two pharmacies fail in every way, and each order is made up exactly once."""

from __future__ import annotations

import os
import random
import time
from collections import Counter

import pytest

from .acts import WINDOW, ready
from .worlds import Outside

SEED = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10**6))
FILLS = int(os.environ.get("CHAOS_FILLS", "20"))  # at each of the two
KILLS = int(os.environ.get("CHAOS_KILLS", "20"))
DIALS = (
    {"kind": "lost_answer", "method": "POST *", "every": 3},
    {"kind": "garbage", "method": "*", "every": 7},
    {"kind": "down", "method": "*", "every": 5},
    {"kind": "slow", "method": "*", "seconds": 0.5},
    {"kind": "duplicate", "method": "webhook", "every": 2},
    {"kind": "drop", "method": "webhook", "every": 3},
)

pytestmark = [pytest.mark.chaos, pytest.mark.soak]


def test_each_order_is_made_up_once_whoever_dies(outside: Outside) -> None:
    print(f"\nCHAOS_SEED={SEED}")
    machine, chance = outside.machine, random.Random(SEED)
    scenes = [ready(outside, where) for where in outside.pharmacies for _ in range(FILLS)]
    for where in outside.pharmacies:
        for dial in DIALS:
            machine.sandbox.post("/_sandbox/faults", {"vendor": where, **dial})
    for scene in scenes:
        outside.do(scene["url"], {"pharmacy": outside.pharmacies[scene["pharmacy"]]})
    machine.sandbox.post("/_sandbox/clock/advance", {"seconds": WINDOW})
    for nth in range(KILLS):
        time.sleep(chance.uniform(1, 2.5))
        machine.kill(machine.workers[0])
        if nth % 8 == 3:
            machine.restart_postgres(down=0.3)
        if nth % 8 == 6:
            machine.flush_valkey()
        machine.tend()
    machine.sandbox.post("/_sandbox/faults/clear")
    for _ in range(3):
        outside.later(120)
    for where in outside.pharmacies:  # what was dropped is on the pharmacies' own lists
        outside.do("/inbox/sweep", {"source": f"pharmacy-{where}"})
    outside.later(10)
    each_once(outside, [outside.get(scene["order"])["reference"] for scene in scenes])


def each_once(outside: Outside, wanted: list[str]) -> None:
    """At the pharmacies and here, and nobody had to do anything."""
    machine = outside.machine
    book = machine.sandbox.get("/_sandbox/ledger?kind=fill")["entries"]
    made = Counter(entry["metadata"]["reference"] for entry in book)
    assert {reference: made[reference] for reference in wanted} == dict.fromkeys(wanted, 1)
    stands = machine.rows("select status, count(*) from fills group by 1")
    assert {status for status, _ in stands} <= {"acknowledged", "filling"}, stands
    assert machine.rows("select says from cases") == []
    lost = machine.rows("select count(*) from attempts where outcome = 'lost'")[0][0]
    assert lost, "nobody died holding a claim: that was no storm"
