"""Every change of a subscription and of an invoice happens at Stripe once, whatever is lost on the way: answers, workers,
webhooks. One scene for each family and fate: its acts follow each other on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from opsconsole.lib import crash
from opsconsole.services import ACTS, billing, subscriptions
from opsconsole.services.outbox import KEEPERS

from ..house import House
from .acts import Scene
from .billing_acts import OF_INVOICES, OF_SUBSCRIPTIONS, WINDOW, Step, invoiced, subscribed, taken_up
from .mirrors import differences
from .test_crash_grid import Killed, with_nothing_left
from .worlds import Inside

CALM = (WINDOW, 61, 61, 61)  # seconds after which what was begun has ended
#: What happens to the calls, one after the other, and to the webhooks that tell of them.
FATES = (
    pytest.param(("claim.after", "answer lost"), "drop", id="a worker dies, then the answer is lost"),
    pytest.param(
        ("record.inside",), "duplicate", id="done, and whoever did it dies before writing that down"
    ),
    pytest.param(("answer lost",), "reorder", id="the answer is lost", marks=pytest.mark.soak),
    pytest.param(("500 after effect",), "duplicate", id="500, and it was done", marks=pytest.mark.soak),
    pytest.param(("call.after", "record.before"), "delay", id="two workers die", marks=pytest.mark.soak),
    pytest.param(("settle.fetched",), "duplicate", id="who hears of it dies", marks=pytest.mark.soak),
)
LOST = {"answer lost": "lost_answer", "500 after effect": "error_500"}


@contextmanager
def fate(house: House, patch: pytest.MonkeyPatch, calls: tuple[str, ...], webhooks: str) -> Iterator[None]:
    """What happens to the next calls that change something at Stripe: all of it happens for certain."""
    died: list[str] = []

    def passing(name: str) -> None:
        if name in calls and name not in died:
            died.append(name)
            raise Killed(name)

    house.sandbox.fault(kind=webhooks, method="webhook")
    for kind in (LOST[name] for name in calls if name in LOST):
        for method in ("POST /v1/*", "DELETE /v1/*"):
            house.sandbox.fault(kind=kind, method=method, side="after", times=1)
    with patch.context() as during:
        during.setattr(crash, "point", passing)
        yield
    struck = Counter(dial["kind"] for dial in house.sandbox.faults.list() if dial["struck"])
    assert all(struck[LOST[name]] if name in LOST else name in died for name in calls), (calls, died, struck)
    house.sandbox.clear_faults()


def goes_wrong(
    world: Inside, patch: pytest.MonkeyPatch, scene: Scene, step: Step, calls: tuple[str, ...], hooks: str
) -> None:
    """The step is done once although its call has that fate, and nothing is left of the trouble."""
    house = world.house
    what = f"{step.act}, {calls}, webhooks {hooks}"
    step.first(world, scene)
    before = world.book()
    answer = world.do(f"{scene[step.of]}/{step.verb}", step.body(world, scene))
    with fate(house, patch, calls, hooks):
        for seconds in CALM:
            with suppress(Killed):
                world.later(seconds)
            world.rescue()
    happened = world.book()
    happened.subtract(before)
    happened = +happened
    happened -= Counter(message=happened["message"])  # what customers are told of it comes at its own time
    assert happened == Counter(step.happens), f"{what}: {happened}"
    assert world.get(answer["subject"])["status"] == "done", what
    taken_up(world, scene, step, answer)
    stands = world.get(scene[step.of])
    assert stands.get("effective", stands["status"]) == step.stands, f"{what}: {stands['status']}"


FAMILIES = ((subscribed, OF_SUBSCRIPTIONS), (invoiced, OF_INVOICES))


@pytest.mark.parametrize(("begin", "steps"), FAMILIES, ids=("subscriptions", "invoices"))
@pytest.mark.parametrize(("calls", "webhooks"), FATES)
def test_each_change_happens_once(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    begin: Callable[[Any], Scene],
    steps: tuple[Step, ...],
    calls: tuple[str, ...],
    webhooks: str,
) -> None:
    world = Inside(house)
    scene = begin(world)
    for step in steps:
        goes_wrong(world, monkeypatch, scene, step, calls, webhooks)
    world.later(WINDOW)
    if webhooks != "drop":
        assert differences(house) == []
    with_nothing_left(house)


def test_every_change_is_in_the_table() -> None:
    """Whoever adds an act that changes a subscription or an invoice adds its step."""
    changes = {name for name, one in KEEPERS.items() if one.then in (subscriptions.changed, billing.changed)}
    acts = {name for name in changes if name in ACTS and name.startswith(("subscriptions.", "billing."))}
    steps = {step.act for step in (*OF_SUBSCRIPTIONS, *OF_INVOICES)}
    assert acts - steps == {"subscriptions.hold_back"}, "which nobody asks for: it is the clock's own"
