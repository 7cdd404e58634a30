"""The healthcare system tells of prescriptions, fills and questions: in any order, twice or late, it ends the same."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import pytest

from opsconsole.services import transaction

from ..house import House
from .orders import STORIES, Told, end, every_order, fill, rx, scene


def test_five_events_in_any_order_end_the_same(house: House) -> None:
    """Some orders of each story; `test_every_order_of_every_story` takes all 120 of each."""
    with house.app.app_context(), transaction():
        scene()
        for n, story in enumerate(STORIES.values()):
            straight = end(sorted(story, key=_place))
            for order in random.Random(n).sample([*itertools.permutations(story)], 2):
                assert end(order) == straight, _names(order)


def _all_orders(story: Sequence[Told]) -> None:
    straight = end(sorted(story, key=_place))
    found = 0
    for order, stands in every_order(story):
        assert stands == straight, _names(order)
        found += 1
    assert found == 120


@pytest.mark.soak
def test_every_order_of_every_story(house: House) -> None:
    with house.app.app_context(), transaction():
        scene()
        for story in STORIES.values():
            _all_orders(story)


def _shuffled(house: House, times: int) -> None:
    """Ten events of two stories that meet, with duplicates, in random orders."""
    chance = random.Random(20261122)
    with house.app.app_context(), transaction():
        scene()
        for first, second in [*itertools.combinations(STORIES, 2)][: min(times, 36)]:
            told = [*STORIES[first], *STORIES[second]]
            straight = end(sorted(_once(told), key=_place))
            for _ in range(max(1, times // 36)):
                order = [*_once(told), *chance.choices(_once(told), k=3)]
                chance.shuffle(order)
                assert end(order) == straight, _names(order)


def test_ten_events_with_duplicates_in_random_orders_end_the_same(house: House) -> None:
    _shuffled(house, 5)


@pytest.mark.soak
def test_ten_thousand_random_orders_end_the_same(house: House) -> None:
    _shuffled(house, 10_000)


def _place(told: Told) -> tuple[int, str]:
    return int(told.facts.version), told.facts.id


def _once(told: list[Told]) -> list[Told]:
    """Of two stories' words about one version of a record, the first: a version is one thing."""
    found: dict[tuple[str, str], Told] = {}
    for one in told:
        found.setdefault((one.facts.id, one.facts.version), one)
    return list(found.values())


def _names(order: object) -> list[str]:
    return [f"{told.facts.id} {told.facts.version}" for told in order]  # type: ignore[attr-defined]


def test_the_stories_end_as_they_should(house: House) -> None:
    """What the same end is, in words."""
    with house.app.app_context(), transaction():
        scene()

        def stand(name: str) -> dict[str, str]:
            rows, _, _, cases, *_ = end(STORIES[name])
            found = {row.split("'")[1]: row.split("'")[3] for row in rows}
            return found | {"cases": " ".join(sorted(row.split("'")[1] for row in cases))}

        assert stand("a renewal takes its place") == {"old": "superseded", "new": "active", "cases": ""}
        assert stand("used up, and a fill that never was") == {"one": "active", "cases": ""}
        assert stand("a word that nobody knows") == {"one": "on_hold", "cases": "vendor_status_unknown"}
        assert stand("canceled as a conversation") == {"one": "cancelled", "cases": "cancel_denied"}
        assert stand("a second live copy") == {
            "one": "active", "two": "active", "cases": "rx_not_transmitted two_prescriptions",
        }  # fmt: skip
        assert stand("two copies, and one is canceled") == {"one": "cancelled", "two": "active", "cases": ""}
        assert stand("expired, whatever else") == {"one": "expired", "cases": ""}
        assert stand("used up by its last fill") == {"one": "depleted", "two": "active", "cases": ""}
        assert stand("nobody knows the product") == {"one": "active", "two": "entered_in_error", "cases": ""}


def test_every_status_with_what_else_is_known(house: House) -> None:
    """A table: what the vendor says, what else is known, how it stands."""
    later = rx("new", 9, "active", prior="one")
    error = rx("new", 9, "entered_in_error", prior="one")
    used = [fill(f"d{n}", n, "dispensed", "one") for n in (2, 3, 4)]
    table: list[tuple[str, list[Told], str]] = [
        ("draft", [], "draft"), ("pending_signature", [], "pending_signature"), ("active", [], "active"),
        ("on_hold", [], "on_hold"), ("depleted", [], "depleted"), ("discontinued", [], "discontinued"),
        ("cancelled", [], "cancelled"), ("entered_in_error", [], "entered_in_error"), ("unknown", [], "unknown"),
        ("depleted", [later], "superseded"), ("discontinued", [later], "superseded"),
        ("cancelled", [later], "superseded"),
        ("entered_in_error", [later], "entered_in_error"), ("active", [later], "active"),
        ("cancelled", [error], "cancelled"),
        ("active", used, "depleted"), ("active", used[:2], "active"), ("on_hold", used, "on_hold"),
        ("draft", used, "draft"), ("unknown", [later], "unknown"),
    ]  # fmt: skip
    with house.app.app_context(), transaction():
        scene()
        for status, others, stands in table:
            [row] = [one for one in end([rx("one", 1, status), *others])[0] if one.startswith("('one'")]
            assert row.split("'")[3] == stands, (status, others)
