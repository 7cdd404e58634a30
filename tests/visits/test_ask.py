"""Asking the patient: in neutral words, and with a clock that stands still meanwhile; and what goes before others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from opsconsole.db import now
from opsconsole.models import Visit
from opsconsole.services import transaction, visits

from ..house import House
from ..scenes import cases_of, denied, invalid, nothing_written, refused
from .scenes import clinic, clock, to_review

DAY = 86_400


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_the_question_is_sealed_and_the_clock_stands_still(house: House) -> None:
    clinic(house)
    visit, api = to_review(house), house.api()
    due = instant(api.get(visit)["due_at"])
    invalid(house, api, f"{visit}/ask", {}, "question")
    invalid(house, api, f"{visit}/ask", {"template": "weather"}, "template")
    asked = {"template": "photos", "question": "Above all the rash at the chin."}
    with nothing_written(house):
        seen = api.post(f"{visit}/ask?preview=1", asked, 200)["preview"]
    assert "Your clinician has a question" in str(seen["changes"]) and "rash" not in str(seen)
    done = api.post(f"{visit}/ask", asked, key="a")
    with nothing_written(house):
        assert api.post(f"{visit}/ask", asked, key="a") == done
    told = api.get(visit)
    assert told["status"] == "needs_info" and told["waiting_since"]
    house.advance(3 * DAY)
    clock(house)  # it is not late while it waits
    assert not cases_of(house, visit)
    assert instant(api.get(visit)["due_at"]) - due >= timedelta(days=3)
    [message] = house.rows("select template, data::text from messages")
    assert (message.template, message.data) == ("clinician_asks", "{}")
    with house.app.app_context(), transaction():  # what the settling of new answers does
        visits.answered(Visit.lock(visit.rsplit("/", 1)[-1]), now())
    told = api.get(visit)
    assert told["status"] == "assigned" and told["waiting_since"] is None
    assert abs(instant(told["due_at"]) - due - timedelta(days=3)) < timedelta(minutes=2)
    assert "rash" not in str(house.rows("select inputs::text, says from audit_entries"))
    assert "rash at the chin" in house.page("clinician").get(visit)
    for role in ("support", "ops_lead", "auditor"):
        denied(house, role, f"{visit}/ask", asked)


def test_time_that_passes_is_counted_over_holidays_and_changes_of_the_clocks() -> None:
    """Thanksgiving, and the night in which New York sets its clocks back: an hour is an hour."""
    asked = datetime(2026, 10, 31, 22, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)
    back = datetime(2026, 11, 1, 8, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)
    visit = Visit(due_at=asked + timedelta(hours=6), waited_seconds=0)
    visits.stand_still(visit, asked)
    visits.stand_still(
        visit, asked + timedelta(hours=1)
    )  # asked again meanwhile: it waits since the first time
    assert visits.due(visit, back) == asked + timedelta(hours=6 + 11)  # by the clocks on the wall it were ten
    visits.go_on(visit, back)
    assert (visit.waited_seconds, visit.waiting_since) == (11 * 3600, None)
    visits.go_on(visit, back + timedelta(days=1))
    assert visit.waited_seconds == 11 * 3600
    thanksgiving = datetime(2026, 11, 25, 12, tzinfo=UTC)
    visit = Visit(due_at=thanksgiving + timedelta(hours=1), waited_seconds=0)
    visits.stand_still(visit, thanksgiving)
    visits.go_on(visit, thanksgiving + timedelta(days=3))
    assert visit.due_at == thanksgiving + timedelta(days=3, hours=1)


def test_what_nobody_decides_goes_before_others(house: House) -> None:
    clinic(house)
    early, late = to_review(house), to_review(house, customer="c-2")
    api, lee = house.api(), house.api("ops_lead")
    invalid(house, lee, f"{late}/escalate", {"reason": "because"}, "reason")
    lee.post(f"{late}/escalate", {"reason": "complaint"})
    refused(house, lee, f"{late}/escalate", {"reason": "complaint"}, "escalated")
    denied(house, "auditor", f"{late}/escalate", {"reason": "complaint"})
    page = house.page("clinician").get("/visits")
    assert page.index(late) < page.index(early)
    house.advance(25 * 3600)
    clock(house)
    clock(house)
    [case] = cases_of(house, early)
    assert case["reason"] == "visit_overdue" and case["suggests"]["url"] == f"{early}/assign"
    api.post(f"{early}/deny", {"reason": "age"})
    assert not cases_of(house, early)
