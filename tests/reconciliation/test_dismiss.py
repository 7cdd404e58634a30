"""Letting a finding be, with a reason."""

from __future__ import annotations

from ..house import House
from ..scenes import cases_of, denied, invalid, refused
from .scenes import compared, fill_ahead_here, fill_missing_there, findings, only_finding

WHY = {"reason": "They sent it from their other branch"}


def test_it_comes_back_only_when_it_changes(house: House) -> None:
    fill_ahead_here(house)
    compared(house)
    found = only_finding(house)
    page = house.page("ops_lead")
    page.get(f"{found['url']}/dismiss")
    shown = page.submit(f"{found['url']}/dismiss", WHY)
    assert "Dismissed: They sent it from their other branch" in shown
    assert cases_of(house, found["url"]) == []
    again = compared(house)
    assert (again["found"], findings(house)) == (0, [])
    house.sandbox.truepill.amend(found["external_id"], {"status": "verified"})
    compared(house)
    assert only_finding(house)["theirs"] == "verified" and only_finding(house)["id"] != found["id"]


def test_whoever_ends_its_case_lets_it_be(house: House) -> None:
    fill_ahead_here(house)
    compared(house)
    found = only_finding(house)
    [case] = cases_of(house, found["url"])
    house.api().post(f"{case['url']}/dismiss", WHY)
    now = house.api().get(found["url"])
    assert (now["status"], now["why_dismissed"]) == ("dismissed", WHY["reason"])
    compared(house)
    assert (findings(house), cases_of(house, found["url"])) == ([], []), "nobody is asked for the same again"


def test_it_needs_a_reason(house: House) -> None:
    fill_missing_there(house)
    compared(house)
    invalid(house, house.api(), f"{only_finding(house)['url']}/dismiss", {}, "reason")


def test_what_is_over_is_over(house: House) -> None:
    fill_missing_there(house)
    compared(house)
    url = f"{only_finding(house)['url']}/dismiss"
    first = house.api().post(url, WHY, key="twice")
    assert house.api().post(url, WHY, key="twice") == first
    assert "is dismissed" in refused(house, house.api(), url, WHY, "not_open")


def test_not_while_its_repair_is_under_way(house: House) -> None:
    fill_missing_there(house)
    compared(house)
    found = only_finding(house)
    house.api().post(f"{found['url']}/repair")
    refused(house, house.api(), f"{found['url']}/dismiss", WHY, "being_repaired")


def test_without_the_right(house: House) -> None:
    fill_missing_there(house)
    compared(house)
    for role in ("support", "finance", "auditor"):
        denied(house, role, f"{only_finding(house)['url']}/dismiss", WHY)
