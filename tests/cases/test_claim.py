"""Taking a case: one person at a time works on it."""

from __future__ import annotations

from ..house import PEOPLE, House, PageClient
from ..scenes import declined, denied, refused


def test_a_case_is_taken_by_one_person(house: House) -> None:
    _, _, case = declined(house)
    sam, lee = house.page("support"), house.page("ops_lead")
    take(sam, case["url"])
    api = house.api()
    taken = api.get(case["url"])
    assert taken["owner"] == PEOPLE["support"][0] and taken["status"] == "open"
    assert "Sam Rivera has this case." in take(lee, case["url"], 409)
    assert api.get(case["url"])["owner"] == PEOPLE["support"][0]
    [sams] = house.rows("select id from staff where email = :email", email=PEOPLE["support"][0])
    assert [one["id"] for one in api.get(f"/cases?owner={sams.id}")["items"]] == [case["id"]]
    before = len(api.get("/audit?act=cases.claim")["items"])
    take(sam, case["url"])  # again: it stays theirs
    entries = api.get("/audit?act=cases.claim")["items"]
    assert len(entries) == before + 1 and entries[0]["changes"] == []


def take(person: PageClient, url: str, status: int = 200) -> str:
    person.get(f"{url}/claim")
    return person.submit(f"{url}/claim", {}, status)


def test_programs_and_those_without_the_right_take_none(house: House) -> None:
    _, _, case = declined(house)
    assert refused(house, house.api(), f"{case['url']}/claim", {}, "not_yours") == "Only people take cases."
    for role in ("auditor", "clinician", "shop"):
        denied(house, role, f"{case['url']}/claim")
    house.api("finance").post(f"{case['url']}/dismiss", {"reason": "r"})
    assert "dismissed already" in refused(house, house.api(), f"{case['url']}/claim", {}, "already_resolved")
