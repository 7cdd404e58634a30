"""A request that waits for a second person stands in the worklist, and is decided on its own page."""

from __future__ import annotations

from ..house import House
from ..scenes import cases_of, nothing_written, refused
from .scenes import decide, waiting


def test_it_is_a_case_until_it_is_decided(house: House) -> None:
    asked = waiting(house, "320.00", "ops_lead")
    api = house.api("ops_lead")
    [case] = cases_of(house, asked["id"])
    assert (case["reason"], case["team"], case["suggests"]["url"]) == (
        "approval_waiting",
        "finance",
        asked["url"],
    )
    assert case["due_at"] == asked["expires_at"]
    with nothing_written(house):
        words = refused(house, api, f"{case['url']}/dismiss", {"reason": "r"}, "ended_otherwise")
    assert "request’s page" in words
    assert decide(house.page("finance"), asked).status_code == 200
    assert cases_of(house, asked["id"]) == [] and house.api().get(case["url"])["outcome"] == "approved"


def test_what_runs_out_or_is_taken_back_ends_it_too(house: House) -> None:
    from opsconsole.jobs.schedule import _expire_requests

    first, second = (waiting(house, "320.00", "ops_lead", customer=f"c-{n}") for n in "12")
    house.api("ops_lead").post(f"{first['url']}/withdraw", status=200)
    assert cases_of(house, first["id"]) == [] and cases_of(house, second["id"])
    house.advance(25 * 3600)
    with house.app.app_context():
        _expire_requests()
    assert cases_of(house, second["id"]) == []
