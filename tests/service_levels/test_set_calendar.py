"""Who works when is data: a change holds for everything that counts in those hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from opsconsole.services import service_levels

from ..house import House
from ..scenes import denied, invalid, nothing_written, refused
from .scenes import OFFICE_HOURS, week
from .scenes import codes as codes

URL = "/work-calendars/set_calendar"


def test_hours_hold_from_then_on(house: House) -> None:
    api = house.api("ops_lead")
    since = datetime(2026, 12, 23, 22, tzinfo=UTC)  # Wednesday, 16:00 in Chicago

    def late() -> datetime:
        with house.app.app_context():
            return service_levels.levels().of("TST.ASKED", OFFICE_HOURS, "support").instants(since)[1]

    before = late()
    with nothing_written(house):
        seen = api.post(f"{URL}?preview=1", week(), 200)["preview"]
    assert any("limits count in these hours" in one or "1 limit counts" in one for one in seen["warnings"])
    hours = next(change for change in seen["changes"] if change["field"] == "hours")
    assert hours["from"] == "Mon-Fri 9:00-17:00; Sat, Sun closed"
    assert hours["to"] == "Mon-Fri 8:00-12:00, 13:00-17:30; Sat, Sun closed"
    done = api.post(URL, week(), key="once")
    with nothing_written(house):
        api.post(URL, week(), key="once")
    # An hour and a half on Wednesday; Thursday is off, Christmas too; six and a half on Monday.
    assert late() == datetime(2026, 12, 28, 21, 30, tzinfo=UTC) != before
    told = api.get(done["subject"])
    assert told["hours"]["monday"] == "8:00-12:00, 13:00-17:30" and told["hours"]["sunday"] == ""
    page = house.page("support")
    assert "Thursday, 24 December 2026" in page.get(done["subject"]) and "TST.ASKED" in page.html
    assert "TST.IDLE" not in page.html
    assert "8:00-12:00, 13:00-17:30" in page.get("/service-levels")
    assert 'value="8:00-12:00, 13:00-17:30"' in house.page("ops_lead").get(f"{URL}?start=company")
    # Somebody new, at night: it goes on past midnight.
    night = {"friday": "22:00-6:00"}
    made = api.post(URL, week(name="night-desk", hours=night, days_off=[], zone="Europe/Dublin"))
    [row] = house.rows("select hours from work_calendars where name = 'night-desk'")
    assert row.hours == [[], [], [], [], [[1320, 1800]], [], []]
    assert api.get(made["subject"])["hours"]["friday"] == "22:00-6:00"


def test_hours_that_make_no_sense_are_refused(house: House) -> None:
    api = house.api()
    for changes in (
        {"name": "Company!"}, {"zone": "Mars/Olympus"}, {"holidays": "some"}, {"days_off": ["tomorrow"]}, {"reason": " "},
        {"hours": {}}, {"hours": {"monday": "nine to five"}}, {"hours": {"monday": "9:00-12:00, 11:00-13:00"}},
        {"hours": {"monday": "25:00-26:00"}},
    ):  # fmt: skip
        invalid(house, api, URL, week(**changes), next(iter(changes)))
    api.post(URL, week())
    refused(house, api, URL, week(reason="Once more"), "same_as_before")
    for role in ("support", "finance", "clinician"):
        denied(house, role, URL, week())


def test_the_days_off_that_are_shown_are_those_that_count(house: House) -> None:
    with house.app.app_context():
        company = next(one for one in service_levels.calendars() if one.name == "company")
        thanksgiving = datetime(2026, 11, 26, 15, tzinfo=UTC)
        work = service_levels.at_work(company, thanksgiving)
        assert not work.open and work.next_day_off == thanksgiving.date()
        assert work.week == timedelta(hours=33)  # four days, and an hour of the next Thursday
        assert service_levels.at_work(company, thanksgiving + timedelta(days=1)).open
