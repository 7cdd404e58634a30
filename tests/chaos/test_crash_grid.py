"""The crash grid of every act that makes promises: whoever dies wherever, it happens once at the vendor, and the console
knows how it ended.

In every run a worker of this process dies at the points between which something could be lost or done twice; as a soak
real processes are killed at all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from opsconsole.lib import crash

from ..house import House
from ..scenes import WINDOW
from .acts import ACTS, Row
from .billing_acts import ROWS
from .test_crash_points import dies, process_of
from .worlds import Inside, Outside

CALM = (WINDOW, 10, 61, 61)  # seconds after which all that was begun has ended
#: Where processes of this run die: where something could be lost, or done twice. In one life at several points, one
#: after the other; no two of a life are at the same step, so that none makes good what another one broke.
LIVES = (("act.after_commit", "call.after", "settle.fetched"), ("claim.after", "record.inside"))


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
        for kind in self.row.besides:
            del happened[kind]
        assert +happened == Counter(self.row.happens), f"{self.row.act}: {+happened}"
        what, status = self.row.ends
        order = self.scene.get("order", "none")
        fills = self.world.get(f"/fills?order={order}")["items"]
        assert len(fills) == self.scene.get("fills", 1), "one fill, whoever died"
        found = {**self.scene, "subject": answer["subject"], **({"fill": fills[0]["url"]} if fills else {})}[
            what
        ]
        assert self.world.get(found)["status"] == status, f"{self.row.act} {self.where}"


# ------------------------------------------------------------ in this process


class Killed(BaseException):
    """Nothing in the console catches it: what was not committed is lost, as it is with a process."""


@contextmanager
def deaths_at(monkeypatch: pytest.MonkeyPatch, points: Sequence[str]) -> Iterator[list[str]]:
    """Whoever comes by one of these points first dies there. Yields the points where somebody did."""
    died: list[str] = []

    def passing(name: str) -> None:
        if name in points and name not in died:
            died.append(name)
            raise Killed(name)

    with monkeypatch.context() as patch:
        patch.setattr(crash, "point", passing)
        yield died


@pytest.mark.parametrize("row", ACTS, ids=[row.act for row in ACTS])
def test_whoever_dies_it_happens_once(house: House, monkeypatch: pytest.MonkeyPatch, row: Row) -> None:
    world = Inside(house)
    for nth, life in enumerate(LIVES):
        if not (points := [point for point in life if point in row.points]):
            continue
        story = Story(world, row, row.at[nth % len(row.at)])
        with deaths_at(monkeypatch, points) as died:
            answer = None
            while answer is None:  # until there is an answer, with one key
                with suppress(Killed):
                    answer = house.api().post(story.url, story.body, key=f"grid {nth}")
            for seconds in CALM:
                with suppress(Killed):
                    world.later(seconds)
                world.rescue()
        assert sorted(died) == sorted(points), f"nobody came by {set(points) - set(died)}"
        story.happened_once(answer)
    with_nothing_left(house)


def with_nothing_left(house: House) -> None:
    assert house.rows("select kind, last_words from promises where status not in ('kept', 'withdrawn')") == []
    assert house.rows("select 1 from attempts where ended_at is null or round > 1") == []
    assert house.rows("select says from cases where behind_id is not null") == []


# ------------------------------------------------------------ with processes that are killed


GRID = [(row, where, point) for row in (*ACTS, *ROWS) for where in row.at for point in row.points]


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
