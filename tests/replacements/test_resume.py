"""A replacement that waited goes on once there is a new prescription."""

from __future__ import annotations

from opsconsole import jobs
from opsconsole.services import CLOCK, replacements

from ..fills.scenes import submitted
from ..house import House
from ..scenes import cases_of, only_case
from .scenes import execute, lost, made_of, prescribed, replaced


def clock(house: House) -> None:
    with house.app.app_context():
        jobs.run_due()


def test_it_is_ready_once_there_is_a_prescription_and_its_case_is_closed(house: House) -> None:
    prescribed(house, refills=0)
    found = replaced(house, lost(house))
    assert only_case(house, found["url"])["reason"] == "replacement_needs_rx"
    clock(house)
    assert house.api().get(found["url"])["status"] == "awaiting_rx", "nothing has changed"
    execute(house, "update prescriptions set refills_authorised = 1")
    house.advance(61)
    clock(house)
    after, made = house.api().get(found["url"]), made_of(house, found)
    assert (after["status"], made["status"]) == ("order_created", "ready")
    assert after["prescription"] == "It waited for a new prescription, and uses one fill of that."
    assert cases_of(house, found["url"]) == []
    assert submitted(house, made)["number"] == 2


def test_what_was_taken_care_of_meanwhile_is_left_alone(house: House) -> None:
    prescribed(house, refills=0)
    found = replaced(house, lost(house))
    house.api().post(f"{found['url']}/withdraw")
    with house.app.app_context():
        replacements.resume(found["id"], by=CLOCK)
    assert house.api().get(found["url"])["status"] == "canceled"


def test_nobody_but_the_clock_does_it(house: House) -> None:
    house.api().post("/replacements/rpl_1/resume", {}, 404)
