"""The crash grid of every act that makes promises: whoever dies wherever, it happens once at the vendor, and the console
knows how it ended.

In every run a worker of this process dies at the points between which something could be lost or done twice; as a soak
real processes are killed at all of them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from opsconsole import create_app
from opsconsole.db import db, own_connection
from opsconsole.jobs import run
from opsconsole.lib import crash
from opsconsole.machine.environment import SANDBOX_PATHS, SECRETS
from opsconsole.sandbox import CustomerIOKeys
from opsconsole.services import outbox

from ..conftest import settings_for
from ..fills.scenes import pharmacies
from ..house import House
from ..machine.conftest import new_home
from ..scenes import WINDOW
from .acts import ACTS, Row
from .machine import Machine
from .test_crash_points import at_rest, dies, process_of

OUTSIDE = ("fill", "fill_cancel", "fill_answer", "fill_address", "tracker", "message", "refund")
CALM = (WINDOW, 10, 61, 61)  # seconds after which all that was begun has ended
#: Where a process of this run dies: where something could be lost, or done twice.
HERE = ("act.after_commit", "claim.after", "call.after", "record.inside", "settle.fetched")


class Story:
    """One act of the table, about to be asked for."""

    def __init__(self, world: Inside | Outside, row: Row, where: str) -> None:
        self.world, self.row, self.where = world, row, where
        self.scene = row.scene(world, where)
        self.url, self.body = self.scene["url"], row.body(world, self.scene)
        self.before = world.book()

    def happened_once(self, answer: Any) -> None:
        """By the vendors' own book, and as it shows here."""
        happened = self.world.book()
        happened.subtract(self.before)
        assert +happened == Counter(self.row.happens), f"{self.row.act}: {+happened}"
        what, status = self.row.ends
        fills = self.world.get(f"/fills?order={self.scene['order']}")["items"]
        assert len(fills) == 1, "one fill, whoever died"
        found = {**self.scene, "subject": answer["subject"], "fill": fills[0]["url"]}[what]
        assert self.world.get(found)["status"] == status, f"{self.row.act} {self.where}"


# ------------------------------------------------------------ in this process


class Killed(BaseException):
    """Nothing in the console catches it: what was not committed is lost, as it is with a process."""


class Inside:
    """All in this process. Nobody does anything unless it is told to."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.pharmacies = pharmacies(house)
        self.get, self.pay, self.knows = house.api().get, house.pay, house.contact
        self.do, self.shop = house.api().post, house.api("shop").post

    def later(self, seconds: float) -> None:
        self.house.later(seconds)

    def today(self) -> date:
        return datetime.fromtimestamp(self.house.sandbox.clock.now(), UTC).date()

    def book(self) -> Counter[str]:
        return Counter(entry["kind"] for entry in self.house.sandbox.ledger() if entry["kind"] in OUTSIDE)

    def rescue(self) -> None:
        """What the sweep does for those who died."""
        if run._connection is not None:
            run._connection.close()
        with self.house.app.app_context(), own_connection() as hands:
            db.session.rollback()
            outbox.sweep(hands)


@contextmanager
def death_at(monkeypatch: pytest.MonkeyPatch, point: str) -> Iterator[list[str]]:
    """Whoever comes by that point first dies there. Yields the points where somebody did."""
    died: list[str] = []

    def passing(name: str) -> None:
        if name == point and not died:
            died.append(name)
            raise Killed(name)

    with monkeypatch.context() as patch:
        patch.setattr(crash, "point", passing)
        yield died


@pytest.mark.parametrize("row", ACTS, ids=[row.act for row in ACTS])
def test_whoever_dies_it_happens_once(house: House, monkeypatch: pytest.MonkeyPatch, row: Row) -> None:
    world = Inside(house)
    points = [point for point in row.points if point in HERE]
    for nth, point in enumerate(points):
        story = Story(world, row, row.at[nth % len(row.at)])
        with death_at(monkeypatch, point) as died:
            answer = None
            while answer is None:  # until there is an answer, with one key
                with suppress(Killed):
                    answer = house.api().post(story.url, story.body, key=f"grid {point}")
            for seconds in CALM:
                with suppress(Killed):
                    world.later(seconds)
                world.rescue()
        assert died == [point], f"nobody came by {point}"
        story.happened_once(answer)
    with_nothing_left(house)


def with_nothing_left(house: House) -> None:
    assert house.rows("select kind, last_words from promises where status not in ('kept', 'withdrawn')") == []
    assert house.rows("select 1 from attempts where ended_at is null or round > 1") == []
    assert house.rows("select says from cases where behind_id is not null") == []


# ------------------------------------------------------------ with processes that are killed


class Outside:
    """Real processes, of which any may be dead."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        app = create_app(settings_for(machine.postgres.app_url))
        self.pharmacies = pharmacies(SimpleNamespace(app=app))  # type: ignore[arg-type]
        self.get, self.do, self.shop = machine.api.get, machine.api.post, machine.shop.post
        self.payments = 0

    def pay(self, minor: int) -> str:
        self.payments += 1
        id = f"pi_grid{os.getpid()}x{self.payments:06}"
        self.machine.load_payments([id], minor)
        return id

    def knows(self, customer_id: str, email: str) -> None:
        keys = CustomerIOKeys.of_environment(self.machine.env)
        url = f"{self.machine.sandbox_url}/customerio/track/api/v1/customers/{customer_id}"
        requests.put(
            url, json={"email": email}, auth=(keys.site_id, keys.track_key), timeout=10
        ).raise_for_status()

    def later(self, seconds: float) -> None:
        if seconds:
            self.machine.advance(seconds)
        self.machine.wait(lambda: at_rest(self.machine), "all is done", tend=True)

    def today(self) -> date:
        return datetime.fromtimestamp(datetime.now().timestamp() + self.machine.offset(), UTC).date()

    def book(self) -> Counter[str]:
        entries = self.machine.sandbox.get("/_sandbox/ledger")["entries"]
        return Counter(entry["kind"] for entry in entries if entry["kind"] in OUTSIDE)


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    """One set of parts for the whole grid, with all vendors and with one worker: it is the one that comes by."""
    vendors = ("CUSTOMERIO_", "PHARMACY_", "EASYPOST_")
    with new_home() as home:
        machine = Machine(home, workers=1)
        machine.env |= {name: make() for name, make in SECRETS.items() if name.startswith(vendors)}
        machine.env |= {name: machine.sandbox_url + path for name, path in SANDBOX_PATHS.items()}
        with machine:
            yield Outside(machine)


GRID = [(row, where, point) for row in ACTS for where in row.at for point in row.points]


@pytest.mark.soak
@pytest.mark.chaos
@pytest.mark.parametrize(
    ("row", "where", "point"), GRID, ids=[f"{row.act}-{where}-{point}" for row, where, point in GRID]
)
def test_whoever_is_killed_it_happens_once(outside: Outside, row: Row, where: str, point: str) -> None:
    machine = outside.machine
    flag = machine.home / f"{row.act}-{where}-{point}"

    story = Story(outside, row, where)
    dies(machine, process_of(machine, point), point, flag)

    def answered() -> Any:
        """Asked until there is an answer, with one key."""
        said = machine.api.ask("POST", story.url, story.body, **{"Idempotency-Key": flag.name})
        assert said is None or said.status_code in (201, 409, 503), said.text
        return said.json() if said is not None and said.status_code == 201 else None

    answer = machine.wait(answered, "it is accepted", every=0.2, tend=True)
    for seconds in CALM:
        outside.later(seconds)
    assert flag.exists(), f"nobody came by {point}"
    story.happened_once(answer)
