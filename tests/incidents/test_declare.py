"""A vendor told somebody by telephone: nothing goes out to it until somebody says that it is back."""

from __future__ import annotations

from ..house import House
from ..scenes import WINDOW, denied, invalid, issue, nothing_written, paid_back, refused
from .scenes import all_of, declared, entries, look, only, pass_time, reasons, stripe_down


def test_it_holds_everything_and_counts_nothing(house: House) -> None:
    order = house.order("60.00")
    [[tries]] = house.rows("select count(*) from attempts")
    done = declared(house)
    assert done["act"] == "incidents.declare" and done["subject"].startswith("/incidents/inc_")
    issue(house, order)
    pass_time(house, WINDOW, 3600, 26 * 3600)
    one = only(house)
    assert (one["status"], one["holds"], one["because"]) == ("open", True, ["declared"])
    assert one["expected_words"] == "They said: maintenance." and one["waits"]["calls"] == 1
    assert paid_back(house) == [] and house.rows("select count(*) from attempts") == [(tries,)]
    assert reasons(house) == ["vendor_down"] and entries(house, "incidents.declare") == 1
    assert "told us that it is down" in house.page().get(order["url"])


def test_what_makes_no_sense_is_refused(house: House) -> None:
    api = house.api()
    soon, late = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
    asked = {"port": "payments", "words": "Down"}
    assert invalid(house, api, "/incidents/declare", asked | {"expected_back_at": soon}, "expected_back_at")
    assert invalid(house, api, "/incidents/declare", asked | {"expected_back_at": late}, "expected_back_at")
    assert invalid(house, api, "/incidents/declare", {"port": "nobody", "words": "Down"}, "port")
    assert invalid(house, api, "/incidents/declare", {"port": "payments"}, "words")
    declared(house)
    assert "declared down already" in refused(house, api, "/incidents/declare", asked, "already_declared")


def test_who_may(house: House) -> None:
    for role in ("support", "clinician", "finance", "auditor", "shop"):
        denied(house, role, "/incidents/declare", {"port": "payments", "words": "Down"})


def test_the_second_click_changes_nothing(house: House) -> None:
    asked = {"port": "payments", "words": "Down"}
    first = house.api().post("/incidents/declare", asked, key="once")
    with nothing_written(house):
        assert house.api().post("/incidents/declare", asked, key="once") == first


def test_what_is_in_trouble_already_is_the_same_incident(house: House) -> None:
    stripe_down(house)
    declared(house)
    one = only(house)
    assert one["because"] == ["breaker", "declared"] and one["holds"] and len(all_of(house)) == 1
    with nothing_written(house):
        look(house)
    assert reasons(house) == ["vendor_down"]
