"""A message that the CRM took in and never sent: somebody must look at its campaign."""

from __future__ import annotations

from opsconsole import jobs
from opsconsole.jobs import schedule

from ..house import House
from ..scenes import cases_of, only_case
from .scenes import customer, handed_over

HOUR = 3600


def chase(house: House) -> None:
    with house.app.app_context():
        schedule._chase_messages()
    house.drain()


def test_after_an_hour_it_is_a_case_and_the_crm_is_asked_once(house: House) -> None:
    url, _ = customer(house)
    message = handed_over(house, url)
    with house.sandbox.store.transaction() as db:  # its campaign is switched off
        db.execute("delete from cio_events")
        db.execute("delete from agenda where what like 'customerio%'")
    house.later(HOUR / 2)
    chase(house)
    assert cases_of(house, message["id"]) == []
    house.later(HOUR)
    for _ in range(3):
        chase(house)
    case = only_case(house, message["id"])
    assert case["reason"] == "message_not_sent" and "campaign" in case["says"]
    reads = house.api().get("/promises?kind=messages.read")["items"]
    assert [one["status"] for one in reads] == ["kept"]


def test_a_lost_webhook_is_found(house: House) -> None:
    url, _ = customer(house)
    house.sandbox.fault(vendor="customerio", kind="drop", method="webhook")
    message = handed_over(house, url)
    house.later(2 * HOUR)
    assert house.api().get(message["url"])["status"] == "submitted"
    chase(house)
    assert house.api().get(message["url"])["status"] == "delivered"
    assert cases_of(house, message["id"]) == []


def test_the_clock_does_it() -> None:
    assert "messages not sent" in {scheduled.name for scheduled in jobs.SCHEDULE}
