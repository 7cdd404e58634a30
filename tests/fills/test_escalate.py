"""What a pharmacy waits for too long comes to an ops lead, once, until somebody has dealt with it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from opsconsole import jobs
from opsconsole.models import EXCEPTIONAL, Fill, FillStatus
from opsconsole.services import fills

from ..house import House
from ..scenes import cases_of, nothing_written
from .scenes import at_pharmacy, look, pharmacies

DAY = 24 * 3600
LATE = "exception_unanswered"


def wait(house: House, seconds: float) -> None:
    """Time passes, and the clock looks."""
    house.later(seconds)
    with house.app.app_context():
        jobs.run_due()
    house.drain()


def escalated(house: House, fill: Any) -> list[Any]:
    return [case for case in cases_of(house, fill["url"]) if case["reason"] == LATE]


def test_what_stands_for_a_day_is_one_case_until_it_is_answered(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, state="CA", fate="EXCEPTION OOS")
    wait(house, DAY - 600)
    assert escalated(house, fill) == []
    for _ in range(3):
        wait(house, 1200)
    [case] = escalated(house, fill)
    assert case["suggests"]["url"] == f"{fill['url']}/answer"
    assert "For an ops lead" in case["says"] and "unanswered since" in case["says"]
    assert len(house.rows("select 1 from audit_entries where act = 'fills.escalate'")) == 1
    house.api("support").post(f"{fill['url']}/answer", {"answer": "wait"})
    assert escalated(house, fill) == []
    wait(house, 1)
    wait(house, 400)
    assert escalated(house, fill) == [] and look(house, fill)[0] == "acknowledged"


def test_what_could_not_be_filled_is_to_be_sent_again(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, fate="ERROR R2")
    wait(house, DAY + 600)
    [case] = escalated(house, fill)
    assert case["suggests"]["url"] == f"{fill['url']}/resend"
    house.api().post(f"{fill['url']}/resend", {})
    assert escalated(house, fill) == []


def test_what_is_called_off_leaves_no_case_behind(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, fate="ERROR R2")
    wait(house, DAY + 600)
    house.api().post(f"{fill['url']}/cancel", {"reason": "customer_asked"})
    assert look(house, fill) == ("canceled", "canceled") and cases_of(house, fill["url"]) == []


def test_whoever_dismissed_it_is_not_told_again(house: House) -> None:
    """Of the case itself, and of what stood behind it."""
    pharmacies(house)
    told, settled = (at_pharmacy(house, fate="ERROR R2", customer=f"c-{n}") for n in range(2))
    wait(house, DAY + 600)
    house.api().post(f"{escalated(house, told)[0]['url']}/dismiss", {"reason": "We wait for the customer"})
    [problem] = [case for case in cases_of(house, settled["url"]) if case["reason"] != LATE]
    house.api().post(f"{problem['url']}/dismiss", {"reason": "The money went back"})
    wait(house, 400)
    wait(house, DAY)
    assert escalated(house, told) == escalated(house, settled) == []


def test_the_clock_finds_nothing_where_nothing_waits(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house)
    house.later(DAY + 600)
    with house.app.app_context():
        assert fills.unanswered() == []
    with nothing_written(house), house.app.app_context():
        assert fills.answer_by(Fill.require(fill["id"])) is None


# 2026: the 19th of November is a Thursday, the 26th Thanksgiving
@pytest.mark.parametrize(
    ("status", "since", "until"),
    [
        *((status, "2026-11-20T15:00", "2026-11-21T15:00") for status in EXCEPTIONAL if status != "triage"),
        ("triage", "2026-11-16T15:00", "2026-11-18T15:00"),
        ("triage", "2026-11-19T15:00", "2026-11-23T15:00"),
        ("triage", "2026-11-25T15:00", "2026-11-30T15:00"),
    ],
)
def test_how_long_each_may_stand(status: str, since: str, until: str) -> None:
    fill = Fill(status=status, status_since=datetime.fromisoformat(since).replace(tzinfo=UTC))
    assert fills.answer_by(fill) == datetime.fromisoformat(until).replace(tzinfo=UTC)
    fill.answer = "wait"
    assert fills.answer_by(fill) is None


def test_what_is_not_exceptional_waits_for_nobody() -> None:
    now = datetime.now(UTC)
    others = [status for status in FillStatus if status not in EXCEPTIONAL]
    assert {fills.answer_by(Fill(status=status, status_since=now)) for status in others} == {None}


def test_the_row_says_how_much_time_is_left(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, state="CA", fate="EXCEPTION OOS")
    row = house.page("support").get("/fills?exception=yes")
    assert "in 23 h" in row and ">late<" not in row.replace("</svg>", ">")
    told = house.api().get(fill["url"])["exception"]["answer_by"]
    assert told > house.api().get(fill["url"])["status_since"]
    assert "Answer by" in house.page("support").get(fill["url"])
