"""Birth dates are sealed, masked like other health data, and found by the whole date only."""

from __future__ import annotations

from typing import Any

from opsconsole.services import keys

from ..house import House
from ..scenes import invalid, nothing_written

BORN = "1990-02-28"
US = ("02/28/1990", "2/28/1990", "02-28-1990")


def recorded(house: House, born: str | None = BORN) -> dict[str, Any]:
    told = {"reference": "c-1", "name": "Jo Field", "birth_date": born}
    found: dict[str, Any] = house.api().get(house.api().post("/customers", told)["subject"])
    return found


def found(house: House, text: str, role: str = "clinician") -> list[str]:
    return [one["url"] for one in house.api(role).get(f"/search?q={text}")["items"]]


def test_it_is_sealed_masked_and_shown_to_who_may_and_no_audit_has_it(house: House) -> None:
    customer = recorded(house)
    [row] = house.rows("select birth_date, birth_index from customers")
    assert b"1990" not in row.birth_date and b"1990" not in row.birth_index
    for role, sees in (("clinician", BORN), ("support", None), ("finance", None), ("auditor", None)):
        assert house.api(role).get(customer["url"])["birth_date"] == sees, role
        page = house.page(role).get(customer["url"])
        assert (BORN in page) == bool(sees) and ("birth_date/reveal" in page) == (role == "support"), role
    [entry] = house.rows("select a::text as told from audit_entries a where act = 'customers.record'")
    assert "1990" not in entry.told and "hidden, " in entry.told
    views = house.api("auditor").get(f"{customer['url']}/views")["items"]
    assert {one["field"] for one in views} == {"birth_date"}
    assert "birth_date" not in house.api("clinician").get("/customers")["items"][0]


def test_the_whole_date_finds_it_for_who_may_in_iso_and_as_in_the_united_states(house: House) -> None:
    customer = recorded(house)
    for text in (BORN, *US):
        assert found(house, text) == [customer["url"]], text
    assert found(house, BORN, "support") == [customer["url"]]  # may ask for it
    for role in ("finance", "admin", "auditor", "shop"):
        assert found(house, BORN, role) == [], role
    for text in ("1990-02", "1990-02-27", "28/02/1990", "1990-02-30"):
        assert found(house, text) == [], text
    searched = [
        one
        for one in house.api("auditor").get(f"{customer['url']}/views")["items"]
        if one["purpose"] == "search"
    ]
    assert {one["by"] for one in searched} == {"token clinician", "token support"}
    led = house.page("clinician").client.get(f"/search?q={BORN}", headers={"Accept": "text/html"})
    assert (led.status_code, led.headers["Location"]) == (303, customer["url"])


def test_it_is_corrected_by_itself_and_what_is_none_is_refused(house: House) -> None:
    customer = recorded(house)
    url = f"{customer['url']}/correct"
    house.api("support").post(url, {"birth_date": "03/01/1990"})
    assert house.api("clinician").get(customer["url"])["birth_date"] == "1990-03-01"
    assert found(house, BORN) == [] and found(house, "1990-03-01") == [customer["url"]]
    for wrong in ("1990-13-01", "yesterday", "2999-01-01"):
        invalid(house, house.api("support"), url, {"birth_date": wrong}, "birth_date")
    invalid(house, house.api("support"), url, {"birth_date": BORN, "name": "Jo Feld"}, "birth_date")
    with nothing_written(house):
        house.api("support").post(url, {"birth_date": "1990-03-01"}, 409)
    recorded(house, None)  # the shop that does not know it takes nothing away
    assert house.api("clinician").get(customer["url"])["birth_date"] == "1990-03-01"


def test_a_rotation_indexes_it_anew(house: House) -> None:
    customer = recorded(house)
    [before] = house.rows("select birth_index from customers")
    with house.app.app_context():
        keys.rotate(patience=0)
        old = [key for key in keys.status().keys if key.purpose == "index"]
    [after] = house.rows("select birth_index from customers")
    assert before != after and [(key.values, key.newest) for key in old] == [(0, False), (1, True)]
    assert old[0].retired_at and found(house, BORN) == [customer["url"]]
