"""Who the pharmacies are, and where they may ship."""

from __future__ import annotations

from ..fills.scenes import pharmacies
from ..house import House


def test_the_list_and_the_page_tell_of_licences(house: House) -> None:
    ids = pharmacies(house)
    found = house.api().get("/pharmacies?state=CA")["items"]
    assert [one["id"] for one in found] == [ids["honeybee"]]
    one = house.api().get(f"/pharmacies/{ids['truepill']}")
    assert one["connected"] and {licence["state"] for licence in one["licences"]} == {"NV", "TX", "OR"}
    assert set(house.api().get("/pharmacies?state=zz", 422)["errors"]) == {"state"}
    sam = house.page("support")
    assert "Honeybee" in sam.get("/pharmacies") and "3 states" in sam.html
    page = sam.get(f"/pharmacies/{ids['truepill']}")
    assert "Expired" in page and "no end" in page
    house.api("shop").get("/pharmacies", 403)
