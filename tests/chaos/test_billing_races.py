"""Two at once: people who change the same thing, and our answer beside a webhook that tells of the time before it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from opsconsole.db import own_connection
from opsconsole.lib import crash
from opsconsole.services import outbox

from ..house import TOKENS, House
from .acts import Scene
from .billing_acts import WINDOW, invoiced, subscribed
from .mirrors import differences
from .worlds import Inside

AT_ONCE = (
    ("subscription", ("skip", {"reason": "travel"}), ("cancel", {"reason": "travel", "when": "now"})),
    ("draft", ("finalise", {}), ("adjust", {"reason": "goodwill", "add": [{"amount": "-5.00", "description": "Credit"}]})),
    ("sent", ("void", {"reason": "wrong_amount"}), ("write_off", {"reason": "goodwill"})),
)  # fmt: skip


def both(house: House, asked: list[tuple[str, dict[str, Any]]]) -> list[Any]:
    """They are asked for in the same moment. The answers."""
    together = threading.Barrier(len(asked))

    def ask(one: tuple[str, dict[str, Any]]) -> Any:
        client = house.app.test_client(use_cookies=False)
        headers = {"Authorization": f"Bearer {TOKENS['demo']}", "Accept": "application/json"}
        together.wait(30)
        return client.post(one[0], json=one[1], headers=headers)

    with ThreadPoolExecutor(len(asked)) as people:
        return list(people.map(ask, asked))


def test_of_two_at_once_one_wins_and_the_other_hears_who(house: House) -> None:
    world = Inside(house)
    scene = subscribed(world) | invoiced(world)
    for of, *acts in AT_ONCE:
        before = len(house.rows("select 1 from changes"))
        answers = both(house, [(f"{scene[of]}/{verb}", body) for verb, body in acts])
        assert sorted(one.status_code for one in answers) == [201, 409], [one.get_json() for one in answers]
        [no] = [one.get_json()["refused"] for one in answers if one.status_code == 409]
        [yes] = [one.get_json() for one in answers if one.status_code == 201]
        assert (no["code"], no["change"]) == ("under_way", yes["subject"]) and "token demo" in no["message"]
        assert len(house.rows("select 1 from changes")) == before + 1
    world.later(WINDOW)
    assert {row.status for row in house.rows("select status from changes")} == {"done"}
    assert differences(house) == []


OLD_NEWS: tuple[tuple[str, str, dict[str, Any], Callable[[Any, str], object], str], ...] = (
    (
        "subscription", "pause", {"kind": "collection", "deliveries": 1, "reason": "travel"},
        lambda stripe, id: stripe.subscriptions.update(id, {"metadata": {"seen": "by hand"}}), "collection_paused",
    ),
    (
        "sent", "void", {"reason": "wrong_amount"},
        lambda stripe, id: stripe.invoices.update(id, {"metadata": {"seen": "by hand"}}), "void",
    ),
)  # fmt: skip


def test_what_was_read_before_our_answer_never_overwrites_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody has read the old state for a webhook and is slow; meanwhile Stripe does what we ask, and answers."""
    world = Inside(house)
    scene: Scene = subscribed(world) | invoiced(world)
    for of, verb, body, by_hand, stands in OLD_NEWS:
        world.do(f"{scene[of]}/{verb}", body)
        [promise] = house.rows(
            "select id from promises where status = 'waiting' and kind like '%.' || :verb", verb=verb
        )
        house.advance(WINDOW)
        by_hand(world.stripe, world.get(scene[of])["external_id"])
        house.sandbox.flush()
        kept: list[str | None] = []

        def passing(name: str, id: str = promise.id, kept: list[str | None] = kept) -> None:
            if name == "settle.fetched" and not kept:
                kept.append(None)
                with ThreadPoolExecutor(1) as worker:
                    kept[0] = worker.submit(_keep, house, id).result()

        with monkeypatch.context() as during:
            during.setattr(crash, "point", passing)
            during.setattr(outbox, "due", list)  # the other worker is quicker
            house.work()
        assert kept == ["kept"], kept
        told = world.get(scene[of])
        assert told.get("effective", told["status"]) == stands
        assert house.rows("select 1 from inbox_events where status = 'received'") == [], (
            "the old news was taken in, too"
        )
        house.drain()
    assert differences(house) == []


def _keep(house: House, promise_id: str) -> str | None:
    with house.app.app_context(), own_connection() as hands:
        return outbox.keep(promise_id, connection=hands)
