"""Given to a colleague or a team, with what they have to know."""

from __future__ import annotations

from ..house import PEOPLE, House
from ..scenes import declined, denied, invalid, nothing_written, refused
from .scenes import clock, id_of, of, planted

LEE = PEOPLE["ops_lead"][0]


def test_to_a_colleague_who_is_told_and_has_time_to_look(house: House) -> None:
    _, _, case = declined(house)
    api, url = house.api(), case["url"]
    body = {"to": LEE, "note": "The bank wants a form"}
    done = api.post(f"{url}/hand_over", body, key="k")
    with nothing_written(house):
        assert api.post(f"{url}/hand_over", body, key="k") == done
    assert of(house, url, "owner") == (LEE,)
    lee = house.page("ops_lead")
    assert "The bank wants a form" in lee.get("/mentions")
    assert "The bank wants a form" in lee.get(f"{url}/timeline") + lee.get(url)
    assert "wants a form" not in str(
        [tuple(row) for row in house.rows("select says, inputs from audit_entries")]
    )
    refused(house, api, f"{url}/hand_over", body, "has_it_already", "to")
    [again] = planted(house)
    api.post(f"{again}/hand_over", body)
    house.advance(3 * 3600)
    clock(house)  # Lee has not seen the second one yet, and opened the first
    assert (of(house, url, "owner"), of(house, again, "owner")) == ((None,), (LEE,))
    house.advance(3700)
    clock(house)
    assert of(house, again, "owner") == (None,)


def test_to_a_team_whose_members_are_told(house: House) -> None:
    [url] = planted(house)
    sam = house.page("support")
    sam.get(f"{url}/hand_over")
    assert "Clinic" in sam.html and "Lee Okafor" in sam.html and "Mo Haddad" not in sam.html
    sam.submit(f"{url}/hand_over", {"to": "clinic", "note": "Is the strength right?"})
    assert of(house, url, "team", "owner") == ("clinic", None)
    told = house.rows("select staff_id from mentions")
    assert [one.staff_id for one in told] == [id_of(house, "clinician")]
    refused(house, house.api(), f"{url}/hand_over", {"to": "clinic", "note": "x"}, "has_it_already", "to")


def test_what_is_needed_and_who_may(house: House) -> None:
    [url] = planted(house)
    api = house.api()
    invalid(house, api, f"{url}/hand_over", {}, "to", "note")
    for to in (
        "nobody@example.test",
        PEOPLE["auditor"][0],
        "marketing",
    ):  # who does not take cases is given none
        invalid(house, api, f"{url}/hand_over", {"to": to, "note": "x"}, "to")
    for role in ("auditor", "admin", "shop"):
        denied(house, role, f"{url}/hand_over", {"to": LEE, "note": "x"})
    lee = house.page("ops_lead")
    lee.get(f"{url}/claim")
    lee.submit(f"{url}/claim", {})
    refused(house, house.api("support"), f"{url}/hand_over", {"to": "ops", "note": "x"}, "not_yours")
