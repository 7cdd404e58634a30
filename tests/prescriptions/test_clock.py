"""What time alone does: a last day passes; a pharmacy is silent for too long."""

from __future__ import annotations

from opsconsole.jobs import schedule

from ..house import House
from ..scenes import cases_of, only_case, refused
from .scenes import MINUTES, WINDOW, cancel, clinic, day, look, prescribed, sent

HOUR = 3600


def run(house: House, *names: str) -> None:
    with house.app.app_context():
        for one in schedule.SCHEDULE:
            if one.name in names:
                one.run()
    house.drain()


def test_it_expires_once_its_last_day_has_passed_everywhere(house: House) -> None:
    clinic(house)
    rx = prescribed(
        house, dispenseRequest={"validityPeriod": {"end": day(house, 1)}, "numberOfRepeatsAllowed": 1}
    )
    assert rx["expires_on"] == day(house, 1)
    while day(house) == rx["written_on"]:
        house.advance(HOUR)
    job = "prescriptions whose last day has passed"
    house.advance(23 * HOUR)
    run(house, job)
    assert look(house, rx)["status"] == "active", "it is still that day in the West"
    house.advance(12 * HOUR)
    run(house, job)
    assert look(house, rx)["status"] == "expired"
    assert "rx_expired" not in str(cases_of(house, rx["url"]))


def test_a_state_may_end_it_before_the_vendor_does(house: House) -> None:
    clinic(house)
    rx = prescribed(house, dispenseRequest={"validityPeriod": {"end": day(house, 900)}})
    assert rx["expires_on"] == day(house, 365)


def test_a_silent_pharmacy_is_somebodys_to_call(house: House) -> None:
    clinic(house)
    rx = sent(house)
    house.sandbox.fhir.set("cancel_answer", "silent")
    request = cancel(house, rx)
    house.later(WINDOW)
    job = "pharmacies that do not answer"
    run(house, job)
    assert cases_of(house, request["url"]) == [] and look(house, request)["status"] == "requested"
    house.later(4 * HOUR)
    run(house, job)
    run(house, job)
    case = only_case(house, request["url"])
    assert case["reason"] == "pharmacy_silent" and "has not answered" in case["says"]
    refused(house, house.api(), f"{rx['url']}/resend", {}, "not_resendable")
    said = {"outcome": "canceled", "evidence": "Ms Hill, 14:10"}
    house.api().post(f"{request['url']}/record_outcome", said)
    assert cases_of(house, request["url"]) == [] and look(house, request)["status"] == "confirmed"


def test_an_answer_ends_the_case_by_itself(house: House) -> None:
    clinic(house)
    house.sandbox.fhir.set("transmit_answer", "silent")
    rx = prescribed(house)
    house.later(40)
    house.later(5 * HOUR)
    run(house, "pharmacies that do not answer")
    request = look(house, rx)["requests"][0]
    assert only_case(house, request["url"])["reason"] == "pharmacy_silent"
    [task] = house.sandbox.fhir.find("Task", focus="MedicationRequest/rx")
    house.sandbox.fhir.set_status(f"Task/{task['id']}", "completed")
    house.later(MINUTES)
    assert look(house, request)["status"] == "confirmed" and cases_of(house, request["url"]) == []
