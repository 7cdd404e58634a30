"""When a vendor will be back, as it told somebody: shown wherever the incident is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ..house import House
from ..scenes import denied, invalid, nothing_written, refused
from .scenes import only, reasons, stripe_back, stripe_down

SOON = (datetime.now(UTC) + timedelta(hours=5)).isoformat(timespec="seconds")
SAID = {"expected_back_at": SOON, "words": "A disk is being replaced."}


def test_it_is_shown_over_every_page_and_in_the_draft(house: House) -> None:
    stripe_down(house)
    url = only(house)["url"]
    assert "Nobody knows" in house.page().get(url)
    house.api("support").post(f"{url}/expect_back", SAID)
    one = only(house)
    assert one["expected_back_at"].startswith(SOON[:16]) and "we expect by" in one["draft"]
    sam = house.page()
    assert "A disk is being replaced." in sam.get(url)
    assert "Expected back" in sam.get("/orders") and "What is affected" in sam.html
    house.api("support").post(f"{url}/expect_back", {"words": "They cannot say any more"})
    assert only(house)["expected_back_at"] is None


def test_what_makes_no_sense_is_refused(house: House) -> None:
    stripe_down(house)
    url, api = f"{only(house)['url']}/expect_back", house.api()
    for when in ("2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"):
        assert invalid(house, api, url, SAID | {"expected_back_at": when}, "expected_back_at")
    assert invalid(house, api, url, {"expected_back_at": SOON}, "words")


def test_who_may(house: House) -> None:
    stripe_down(house)
    for role in ("clinician", "finance", "auditor", "shop"):
        denied(house, role, f"{only(house)['url']}/expect_back", SAID)


def test_the_second_click_changes_nothing(house: House) -> None:
    stripe_down(house)
    url = f"{only(house)['url']}/expect_back"
    first = house.api().post(url, SAID, key="once")
    with nothing_written(house):
        assert house.api().post(url, SAID, key="once") == first


def test_what_is_back_is_not_expected_and_has_no_case(house: House) -> None:
    stripe_down(house)
    url = only(house)["url"]
    stripe_back(house)
    assert reasons(house) == []
    refused(house, house.api(), f"{url}/expect_back", SAID, "already_back")
