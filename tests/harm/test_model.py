"""No act, in any order, whatever the outside does, leads to where a patient comes to harm.

A few hundred steps here; `make model STEPS=1000000` takes a night.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from opsconsole.services._act import ACTS
from opsconsole.services.harm import GUARDS, _keep

from ..conftest import House
from ..prescriptions.scenes import clinic, prescribed
from ..subscriptions.scenes import subscribed
from .walk import LEFT_OUT, Walk, doors

STEPS = int(os.environ.get("STEPS", "400"))
SEED = int(os.environ.get("SEED", "0")) or 20261122


def world(house: House) -> Walk:
    """A patient with two prescriptions, another with a subscription, and all that both need."""
    clinic(house)
    prescribed(house, "rx-1")
    for customer in ("walk-1", "walk-2"):
        subscribed(house, customer=customer)
    return Walk(house)


def test_every_act_for_people_can_be_walked_into(house: House) -> None:
    known = {door.act for door in doors(house.app)}
    for_people = {name for name, act in ACTS.items() if act.for_people}
    left = {name for name in for_people - known if name.split(".")[0] not in LEFT_OUT}
    assert not left, f"no door that a walk finds: {sorted(left)}"


def test_no_way_leads_to_harm(house: House) -> None:
    walk, rng = world(house), random.Random(SEED)
    for _ in range(STEPS):
        walk.step(rng.randrange(2**40))
    done = {act for (act, status), _ in walk.happened.items() if status == 201}
    assert len(done) >= min(STEPS // 20, 25), f"seed {SEED}: too little was done: {sorted(done)}"


@pytest.mark.parametrize("code", sorted(GUARDS))
def test_each_guard_is_asked(code: str) -> None:
    """Its statement is one that the database understands, with and without a limit to customers."""
    assert GUARDS[code].concerns and "{of:" in GUARDS[code].query and GUARDS[code].reason.startswith("harm_")


def test_a_guard_that_sleeps_is_found_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were acts not refused, a walk would notice: here somebody is refunded beyond what was paid."""
    walk = world(house)
    monkeypatch.setattr(_keep, "GUARDS", {})
    loose = replace(
        GUARDS["refunded_beyond_paid"],
        query=GUARDS["refunded_beyond_paid"].query.replace("> p.captured", "> 0"),
    )
    monkeypatch.setitem(GUARDS, "refunded_beyond_paid", loose)
    with pytest.raises(AssertionError, match="refunded_beyond_paid"):
        house.lift_limits()
        _refund_by_chance(walk, range(400))


def _refund_by_chance(walk: Walk, seeds: Sequence[int]) -> None:
    walk.doors = [door for door in walk.doors if door.act == "refunds.issue"]
    for seed in seeds:
        walk.step(seed)
