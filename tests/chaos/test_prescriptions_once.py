"""What is asked about prescriptions, whoever dies over it: each question and each new prescription is made once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from ..house import House
from ..prescriptions.scenes import MINUTES, WINDOW, clinic, look, prescribed, sent
from ..prescriptions.test_prescribe import decide, known_doctor
from ..prescriptions.test_resend import failed
from .test_crash_grid import LIVES, Killed, deaths_at, with_nothing_left
from .worlds import Inside

CALM = (WINDOW, 4 * MINUTES, 4 * MINUTES, 4 * MINUTES)
HERE = [point for life in LIVES for point in life]
FOR_WORKERS = [point for point in HERE if point != "act.after_commit"]


def over_with(house: House, world: Inside) -> None:
    for seconds in CALM:
        with suppress(Killed):
            house.later(seconds)
        world.rescue()


def dying_at(
    house: House, world: Inside, monkeypatch: pytest.MonkeyPatch, point: str, begin: Callable[[str], Any]
) -> Any:
    with deaths_at(monkeypatch, [point]) as died:
        answer = None
        while answer is None:
            with suppress(Killed):
                answer = begin(f"grid {point}")
        over_with(house, world)
    assert died == [point], f"nobody came by {point}"
    return answer


def tasks(house: House, rx: str, code: str) -> int:
    found = house.sandbox.fhir.find("Task", focus=f"MedicationRequest/{rx}")
    return sum(one["code"]["coding"][0]["code"] == code for one in found)


def test_a_wish_to_cancel_is_asked_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    world = Inside(house)
    clinic(house)
    for n, point in enumerate(HERE):
        rx = prescribed(house, f"rx-{n}")
        url, why = f"{rx['url']}/cancel", {"reason": "other"}
        dying_at(
            house,
            world,
            monkeypatch,
            point,
            lambda key, url=url, why=why: house.api().post(url, why, key=key),
        )
        assert tasks(house, f"rx-{n}", "abort") == 1 and look(house, rx)["status"] == "cancelled", point
    with_nothing_left(house)


@pytest.mark.parametrize("point", ["act.after_commit", "call.after", "record.inside"])
def test_it_is_resent_once(house: House, monkeypatch: pytest.MonkeyPatch, point: str) -> None:
    world = Inside(house)
    clinic(house)
    rx = failed(house)
    url = f"{rx['url']}/resend"
    answer = dying_at(house, world, monkeypatch, point, lambda key: house.api().post(url, {}, key=key))
    assert tasks(house, "rx", "fulfill") == 2
    assert house.api().get(answer["subject"])["status"] == "confirmed"
    with_nothing_left(house)


def test_a_new_one_is_written_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    world = Inside(house)
    clinic(house)
    known_doctor(house)
    old = sent(house)
    for written, point in enumerate(FOR_WORKERS, 2):
        dying_at(house, world, monkeypatch, point, lambda _, old=old: decide(house, old["id"]))
        assert len(house.sandbox.fhir.find("MedicationRequest", subject="Patient/pat")) == written, point
        [live] = house.api().get("/prescriptions?status=active")["items"]
        assert look(house, old)["status"] == "superseded" and live["prior"] == old["external_id"]
        old = live
    with_nothing_left(house)
