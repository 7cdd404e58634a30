"""The best case that is left for me: my team's, nobody's, the most urgent."""

from __future__ import annotations

from datetime import timedelta

from opsconsole.db import now

from ..house import PEOPLE, House
from ..scenes import denied, nothing_written, refused
from .scenes import of, planted

SAM = (PEOPLE["support"][0],)


def test_the_most_urgent_one_of_my_team_that_nobody_has(house: House) -> None:
    with house.app.app_context():
        at = now()
    [grave] = planted(house, team="support", urgency=10**11, due_at=at + timedelta(days=3))
    [late] = planted(house, team="support", due_at=at - timedelta(hours=2))
    planted(house, team="clinic", urgency=1)
    planted(house, team="support", urgency=2, snoozed_until=at + timedelta(days=1))
    sam = house.page("support")
    for url in (grave, late):
        sam.get("/cases/next")
        sam.submit("/cases/next", {})
        assert sam.url == url and of(house, url, "owner") == SAM
    with nothing_written(house):
        sam.get("/cases/next")
        assert "Nothing waits that is your team" in sam.submit("/cases/next", {}, 409)


def test_what_i_gave_away_is_not_offered_to_me_before_an_hour(house: House) -> None:
    [url] = planted(house, team="support")
    sam = house.page("support")
    sam.get("/cases/next")
    sam.submit("/cases/next", {})
    sam.get(f"{url}/release")
    sam.submit(f"{url}/release", {})
    sam.get("/cases/next")
    sam.submit("/cases/next", {}, 409)
    lee = house.page("ops_lead")  # leads take support's too
    lee.get("/cases/next")
    assert "Give it back" in lee.submit("/cases/next", {}) and lee.url == url
    lee.get(f"{url}/release")
    lee.submit(f"{url}/release", {})
    house.advance(61 * 60)
    sam.get("/cases/next")
    sam.submit("/cases/next", {})
    assert of(house, url, "owner") == SAM


def test_programs_and_those_without_the_right_get_none(house: House) -> None:
    planted(house)
    refused(house, house.api(), "/cases/next", {}, "not_yours")
    for role in ("auditor", "admin", "shop"):
        denied(house, role, "/cases/next")


def test_the_same_press_twice_is_one_case(house: House) -> None:
    urls = planted(house, 2, team="support")
    sam = house.page("support")
    sam.get("/cases/next")
    page = sam.html
    sam.submit("/cases/next", {})
    sam.html = page
    sam.submit("/cases/next", {})
    assert [of(house, url, "owner") for url in urls] == [SAM, (None,)]
