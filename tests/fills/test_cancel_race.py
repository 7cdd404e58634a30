"""A wish to stop that races the parcel: whoever comes first, and whatever gets lost, it ends as the pharmacy says."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from opsconsole import vendors
from opsconsole.lib import crash
from opsconsole.vendors.pharmacy import FillState

from ..house import House
from ..scenes import WINDOW, cases_of
from .scenes import look, made_up, order, pharmacies, submitted

SHIPPED = {"truepill": "shipped", "honeybee": "Shipped"}
WHY = {"reason": "customer_asked"}
# Somebody clicks and then a worker asks; the parcel leaves and then the webhook tells: all six ways in which these mix.
STEPS = ("click", "ask", "leave", "tell")
MIXES = [
    mix
    for mix in itertools.permutations(STEPS)
    if mix.index("click") < mix.index("ask") and mix.index("leave") < mix.index("tell")
]
LOSSES: dict[str, list[dict[str, Any]]] = {
    "nothing is lost": [],
    "the answer is lost and the webhook comes thrice": [
        {"kind": "lost_answer", "method": "POST */cancel", "times": 6},
        {"kind": "duplicate", "method": "webhook"},
    ],
    "both are lost": [
        {"kind": "lost_answer", "method": "POST */cancel", "times": 6},
        {"kind": "drop", "method": "webhook"},
    ],
}


class Race:
    """Fills at one pharmacy, each of which may still be stopped, and what can happen to one."""

    def __init__(self, house: House, where: str, count: int) -> None:
        self.house, self.where = house, where
        id = pharmacies(house)[where]
        sent = [submitted(house, order(house, customer=f"c-{n}"), pharmacy=id) for n in range(count)]
        house.later(WINDOW)
        house.later(10)
        self.fills = [house.api().get(fill["url"]) for fill in sent]
        assert {fill["status"] for fill in self.fills} == {"acknowledged"}

    def click(self, fill: Any) -> None:
        """Somebody asks to stop it; when the parcel is known to have left, that is refused."""
        gone = self.house.api().get(fill["url"])["status"] == "shipped"
        self.house.api().post(f"{fill['url']}/cancel", WHY, 409 if gone else 201)

    def ask(self, fill: Any) -> None:
        self.house.work()

    def leave(self, fill: Any) -> None:
        """The parcel leaves, unless the pharmacy has stopped it."""
        if self.theirs(fill) is not FillState.CANCELED:
            getattr(self.house.sandbox, self.where).move(fill["external_id"], SHIPPED[self.where])

    def tell(self, fill: Any) -> None:
        self.house.sandbox.flush()
        self.house.work()

    def theirs(self, fill: Any) -> FillState:
        """How the pharmacy has it, by its own books."""
        facts = vendors.port(f"pharmacy-{self.where}").fetch_fill(fill["external_id"])
        assert facts
        return FillState(facts.state)

    def calm(self) -> None:
        """Nothing is lost any more; what was lost is found by the hourly look."""
        self.house.sandbox.clear_faults()
        for _ in range(2):
            self.house.later(40)
        self.house.api().post("/inbox/sweep", {"source": f"pharmacy-{self.where}"})
        self.house.later(5)

    def ends_as_the_pharmacy_says(self) -> set[FillState]:
        """Of every fill. Returns how the pharmacy has them."""
        ends = set()
        for fill in self.fills:
            theirs = self.theirs(fill)
            wanted = {FillState.SHIPPED: ("shipped", "shipped"), FillState.CANCELED: ("canceled", "canceled")}
            assert look(self.house, fill) == wanted[theirs], (theirs, fill["number"])
            told = [case["reason"] for case in cases_of(self.house, fill["url"])]
            assert told in ([], ["shipped_after_cancel"]), (
                told
            )  # somebody has to say so to the customer, once
            assert not told or theirs is FillState.SHIPPED
            parcels = self.house.api().get(f"/shipments?order={fill['order']}")["items"]
            assert len(parcels) == (theirs is FillState.SHIPPED)
            ends.add(theirs)
        asked = [entry["object_id"] for entry in self.house.sandbox.ledger("fill_cancel")]
        assert len(asked) == len(set(asked)), "nobody was asked to stop twice"
        assert len(made_up(self.house)) == len(set(made_up(self.house))) == len(self.fills)
        assert self.house.rows("select kind, last_words from promises where status <> 'kept'") == []
        return ends


@pytest.mark.parametrize("where", SHIPPED)
@pytest.mark.parametrize("lost", LOSSES)
def test_in_every_order_of_events(house: House, where: str, lost: str) -> None:
    race = Race(house, where, len(MIXES))
    for fill, mix in zip(race.fills, MIXES, strict=True):
        house.sandbox.clear_faults()
        for dial in LOSSES[lost]:
            house.sandbox.fault(vendor=where, **dial)
        for step in mix:
            getattr(race, step)(fill)
    race.calm()
    assert FillState.SHIPPED in race.ends_as_the_pharmacy_says()


@contextmanager
def meanwhile(monkeypatch: pytest.MonkeyPatch, point: str, do: Callable[[], None]) -> Iterator[None]:
    """Something happens once, just when a worker comes by one of the named points of its way."""
    waiting = [do]

    def passing(name: str) -> None:
        if name == point and waiting:
            waiting.pop()()

    with monkeypatch.context() as patch:
        patch.setattr(crash, "point", passing)
        yield
    assert not waiting, f"nobody came by {point}"


@pytest.mark.parametrize("where", SHIPPED)
def test_while_a_worker_asks(house: House, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """The parcel leaves and the webhook is settled between any two steps of the call."""
    points = ("claim.before", "claim.after", "call.before", "call.after", "record.before", "record.after")
    race = Race(house, where, len(points))
    for fill, point in zip(race.fills, points, strict=True):
        race.click(fill)

        def leaves(fill: Any = fill) -> None:
            race.leave(fill)
            race.tell(fill)

        with meanwhile(monkeypatch, point, leaves):
            race.ask(fill)
    race.calm()
    race.ends_as_the_pharmacy_says()


@pytest.mark.parametrize("where", SHIPPED)
def test_while_a_worker_settles(house: House, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """Somebody clicks, and the pharmacy is asked, between any two steps of taking in that the parcel left."""
    points = ("settle.claimed", "settle.fetched", "settle.after")
    race = Race(house, where, len(points))
    for fill, point in zip(race.fills, points, strict=True):
        race.leave(fill)

        def clicks(fill: Any = fill) -> None:
            race.click(fill)
            race.ask(fill)

        with meanwhile(monkeypatch, point, clicks):
            race.tell(fill)
    race.calm()
    assert race.ends_as_the_pharmacy_says() == {FillState.SHIPPED}


@pytest.mark.parametrize("where", SHIPPED)
def test_at_the_same_moment(house: House, where: str) -> None:
    """The click and the webhook in threads of their own: one waits for the other, and none is lost."""
    race = Race(house, where, 2)
    for fill in race.fills:
        race.leave(fill)
        house.sandbox.flush()
        api = house.api()
        with ThreadPoolExecutor(2) as both:
            clicking = both.submit(api.client.post, f"{fill['url']}/cancel", json=WHY, headers=api.headers)
            both.submit(house.work).result()
        assert clicking.result().status_code in (201, 409)
    race.calm()
    assert race.ends_as_the_pharmacy_says() == {FillState.SHIPPED}
