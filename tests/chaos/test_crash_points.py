"""The crash grid: at every named point of a refund's way the process dies there once, and nothing comes of it.

Five points are tried in every run, one of each kind of process and of each step between which something could be lost or
done twice; all of them as a soak. What every other act comes to, in one process and in many: test_crash_grid.py.
A point is reached for certain: the process writes a flag before it kills itself, and the flag is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import opsconsole
from opsconsole.lib import crash

from ..machine.conftest import new_home
from .machine import Machine, Process

WEB = {"act.before_commit", "act.after_commit", "inbox.before", "inbox.after"}
CLOCK = {"dispatch.before", "dispatch.after"}
IN_EVERY_RUN = {"act.after_commit", "claim.after", "call.after", "record.inside", "settle.fetched"}
_amounts = count(1000)

pytestmark = pytest.mark.chaos


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """One set of parts for all points, with one worker: it is the one that comes by."""
    with new_home() as home, Machine(home, workers=1) as started:
        yield started


@pytest.fixture(scope="module")
def order(machine: Machine) -> dict[str, Any]:
    [paid] = machine.paid_orders(1, amount=5000_00)
    return paid


@pytest.mark.parametrize(
    "point",
    [pytest.param(point, marks=() if point in IN_EVERY_RUN else pytest.mark.soak) for point in crash.POINTS],
)
def test_death_at(point: str, machine: Machine, order: dict[str, Any]) -> None:
    flag = machine.home / f"died-at-{point}"
    dies(machine, process_of(machine, point), point, flag)
    amount = next(_amounts)
    accepted = submitted(machine, order, amount)
    machine.advance(61)
    machine.wait(lambda: flag.exists() and at_rest(machine), f"all is well after {point}", tend=True)
    happened_once(machine, order, accepted, amount)


def process_of(machine: Machine, point: str) -> Process:
    return machine.web if point in WEB else machine.clock if point in CLOCK else machine.workers[0]


def dies(machine: Machine, process: Process, point: str, flag: Path) -> None:
    """Replace a process by one that will kill itself when it first comes by the point."""
    machine.kill(process)
    machine.start(process, OPSCONSOLE_CRASH=point, OPSCONSOLE_CRASH_ONCE=str(flag))
    machine.wait(lambda: machine.api.answers("/healthz"), "the web is there")


def submitted(machine: Machine, order: dict[str, Any], amount: int) -> dict[str, Any]:
    """The refund is asked for until there is an answer, with one key."""

    def ask() -> dict[str, Any] | None:
        body = {"amount": f"{amount / 100:.2f}", "reason": "goodwill"}
        answer = machine.api.ask(
            "POST", f"{order['url']}/refund", body, **{"Idempotency-Key": f"grid-{amount}"}
        )
        assert answer is None or answer.status_code in (201, 409, 503), answer.text
        return dict(answer.json()) if answer is not None and answer.status_code == 201 else None

    return dict(machine.wait(ask, "the refund is accepted", every=0.2, tend=True))


def at_rest(machine: Machine) -> bool:
    """Nothing is owed, nothing is on its way, and both events of every refund have been heard."""
    waiting = machine.rows("select 1 from promises where status not in ('kept', 'withdrawn') limit 1")
    unsettled = machine.rows("select 1 from inbox_events where status not in ('settled', 'ignored') limit 1")
    unheard = machine.sandbox.get("/_sandbox/webhooks?limit=1")["counts"].get("waiting", 0)
    return not waiting and not unsettled and not unheard


def happened_once(machine: Machine, order: dict[str, Any], accepted: dict[str, Any], amount: int) -> None:
    refund = machine.api.get(accepted["subject"])
    assert (refund["status"], refund["amount"]["amount"]) == ("succeeded", f"{amount / 100:.2f}")
    effects = [effect for effect in machine.ledger() if effect["amount"] == amount]
    assert [effect["object_id"] for effect in effects] == [refund["external_id"]]
    assert effects[0]["metadata"]["opsconsole_subject"] == refund["id"]
    in_console = machine.rows("select id from refunds where amount = %(amount)s", amount=amount)
    assert in_console == [(refund["id"],)]
    trace = machine.api.get(f"/traces/{accepted['trace']}")
    assert {"act", "attempt", "event"} <= {entry["kind"] for entry in trace["entries"]} and not trace[
        "waiting_for"
    ]
    assert machine.rows("select id from attempts where ended_at is null") == []
    assert machine.api.get("/cases?status=open")["items"] == []


def test_every_point_is_in_the_code_once() -> None:
    root = Path(opsconsole.__file__).parent
    placed = [
        name
        for file in root.rglob("*.py")
        for name in re.findall(r'crash\.point\("([^"]+)"\)', file.read_text())
    ]
    assert sorted(placed) == sorted(crash.POINTS)
