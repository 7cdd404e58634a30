"""How long something may take is data: the most specific limit counts, in the hours of whoever has to act."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from opsconsole.services import service_levels

from ..fills.scenes import pharmacies
from ..house import House
from ..scenes import denied, invalid, nothing_written, refused
from ..statements import statements
from .scenes import MINUTES, OFFICE_HOURS, asked, pharmacy_ids
from .scenes import codes as codes

URL = "/service-levels/set_limit"
HOUR = timedelta(hours=1)
PRODUCT = {"name": "Cream", "kind": "prescription", "form": "cream", "needs_prescription": True}


def test_the_most_specific_limit_counts(house: House) -> None:
    pharmacies(house)
    api, ids = house.api(), pharmacy_ids(house)
    sku = "NC60"
    house.api("shop").post("/products", {"sku": sku} | PRODUCT)
    one, two = ids["truepill"], ids["honeybee"]
    rows = [
        ({}, "2 h"),
        ({"pharmacy_id": one}, "3 h"),
        ({"sku": sku}, "4 h"),
        ({"pharmacy_id": f"/pharmacies/{one}", "sku": sku}, "5 h"),
    ]
    for place, warn in rows:
        api.post(URL, asked(**place, warn_after=warn))
    with house.app.app_context(), statements(house) as sent:
        held = service_levels.levels()
        found = [
            held.of("TST.SLOW", MINUTES, "ops", *where).warn / HOUR
            for where in (
                (None, None),
                (one, None),
                (None, sku),
                (one, sku),
                (ids["honeybee"], None),
                (ids["honeybee"], sku),
            )
        ]
        places = ((None, None), (one, None), (None, sku), (one, sku), (two, None), (two, sku))
        found = [held.of("TST.SLOW", MINUTES, "ops", *where).warn / HOUR for where in places]
        assert found == [2, 3, 4, 5, 2, 4]
        # A default counts in the clinic's hours, in the pharmacy's, else in the company's; or round the clock.
        whose = (("clinic", one), ("ops", one), ("ops", "pha_no"))
        counted = [held.of("TST.IDLE", OFFICE_HOURS, *team).hours for team in whose]
        assert counted == ["clinic", "pharmacy-truepill", "company"]
        assert held.of("TST.NEW", MINUTES, "clinic").hours is None
        for n in range(2000):
            held.of("TST.SLOW", MINUTES, "ops", f"pha_{n}", sku)
    assert len(sent) == 2
    friday = datetime(2026, 11, 20, 20, tzinfo=UTC)  # 15:00 in New York: two hours are left of the week
    level = held.of("TST.SLOW", MINUTES, "ops")
    assert level.instants(friday) == (friday + 2 * HOUR, datetime(2026, 11, 23, 18, tzinfo=UTC))
    told = {one["code"]: one for one in api.get("/service-levels?code=tst")["items"]}
    assert (
        told["TST.SLOW"]["default"]["breach_minutes"] == 240
        and told["TST.SLOW"]["level"]["breach_minutes"] == 360
    )
    assert [row["sku"] for row in told["TST.SLOW"]["specific"]] == [None, sku, sku]
    assert not told["TST.IDLE"]["specific"] and told["TST.IDLE"]["level"]["calendar"] == "clinic"


def test_the_preview_says_what_changes_and_the_second_click_changes_nothing(house: House) -> None:
    api = house.api("ops_lead")
    with nothing_written(house):
        seen = api.post(f"{URL}?preview=1", asked(), 200)["preview"]
    assert seen["warnings"] == ["Until now it was warned of after 30 min, late after 4 h, round the clock."]
    done = api.post(URL, asked(), key="once")
    with nothing_written(house):
        assert api.post(URL, asked(), key="once")["subject"] == done["subject"]
    again = api.post(URL, asked(late_after="7 h"))
    assert again["subject"] == done["subject"]
    [row] = house.rows("select * from service_levels")
    assert (row.warn_minutes, row.breach_minutes, row.calendar, row.active) == (120, 420, "company", True)
    page = house.page("ops_lead")
    assert "in the hours of company" in page.get(done["subject"]) and "round the clock" in page.html
    assert "set by" in page.get("/service-levels?team=ops") and "TST.IDLE" not in page.html
    assert 'value="2 h"' in page.get(f"{URL}?start=TST.SLOW") and "Until now" not in page.html


def test_what_makes_no_sense_is_refused(house: House) -> None:
    api = house.api()
    refused(house, api, URL, asked(code="TST.NOBODY"), "unknown_code", "code")
    api.post(URL, asked())
    refused(house, api, URL, asked(why="Once more"), "same_as_before")
    for changes in (
        {"late_after": "1 h"}, {"warn_after": "-12000 h"}, {"pharmacy_id": "pha_nosuch"}, {"sku": "NOSUCH"},
        {"calendar": "nobody"}, {"why": " "}, {"warn_after": "soon"}, {"warn_after": "1 d"},
    ):  # fmt: skip
        changed = (
            asked(**{"calendar": None} | changes)
            if "warn_after" in changes and "500" in changes["warn_after"]
            else asked(**changes)
        )
        invalid(house, api, URL, changed, next(iter(changes)))
        invalid(house, api, URL, asked(**changes), next(iter(changes)))
    for role in ("support", "finance", "clinician"):
        denied(house, role, URL, asked())
