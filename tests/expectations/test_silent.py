"""A vendor that has stopped talking is named within a quarter of an hour, once, and never one that has nothing to say."""

from __future__ import annotations

from typing import Any

from opsconsole.db import db
from opsconsole.services import expectations

from ..house import House
from ..messages.scenes import send
from .stories import HOUR, MINUTE, _planned
from .test_dropped import tick


def silent(house: House) -> list[Any]:
    with house.app.app_context():
        found = expectations.silent()
        db.session.rollback()
    return found


def test_silence_is_found_within_a_quarter_of_an_hour_and_ends_with_the_next_word(house: House) -> None:
    _planned(house, "cust-1")
    [one] = house.api().get("/customers")["items"]
    for _ in range(4):  # a usual day: an answer every couple of minutes
        house.later(2 * MINUTE)
        send(house, one["url"])
    house.later(3 * MINUTE)
    assert silent(house) == []
    house.sandbox.fault(kind="drop", vendor="customerio", method="webhook *")
    for _ in range(4):
        send(house, one["url"])
    waited = 0
    while not (found := silent(house)):
        house.advance(3 * MINUTE)
        tick(house)
        waited += 3
        assert waited < 15, "not found in time"
    [silence] = found
    assert (silence.port, silence.source) == ("crm", "customerio")
    assert silence.last_event_at < silence.since == silence.last_event_at + silence.expected_gap
    page = house.page("ops_lead").get("/expectations")
    assert "Customer.io has stopped telling us anything." in page
    # Asked for one by one, all of it is known by now; the silence stays one until it is broken.
    for _ in range(2):
        house.advance(20 * MINUTE)
        tick(house)
    assert not house.rows("select 1 from messages where status <> 'delivered'")
    assert [found.source for found in silent(house)] == ["customerio"]
    house.sandbox.clear_faults()
    send(house, one["url"])
    for _ in "12":
        house.later(3 * MINUTE)
    assert silent(house) == []


def test_who_has_nothing_to_say_is_not_silent(house: House) -> None:
    _planned(house, "cust-1")
    house.later(5 * MINUTE)
    for _ in range(3):
        house.advance(24 * HOUR)
        tick(house)
    assert silent(house) == []
