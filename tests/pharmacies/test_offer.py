"""What a pharmacy has and charges: told by people and by programs."""

from __future__ import annotations

from ..fills.scenes import pharmacies
from ..house import House
from ..scenes import denied, invalid, nothing_written

BODY = {"sku": "A", "stock": "in_stock", "cost": "19.50"}


def test_it_is_told_once_and_changed_later(house: House) -> None:
    id = pharmacies(house)["truepill"]
    url = f"/pharmacies/{id}"
    house.api("shop").post("/products", {"sku": "A", "name": "Cream", "kind": "otc"})
    seen = house.api().post(f"{url}/offers?preview=1", BODY, 200)["preview"]
    assert "warnings" not in seen and ("cost", "$19.50") in [(c["field"], c["to"]) for c in seen["changes"]]
    assert house.api("shop").post(f"{url}/offers", BODY)["subject"] == url
    [row] = house.rows("select (instant() + interval '9 days')::date as day")
    house.api("shop").post(f"{url}/offers", {"sku": "A", "stock": "out", "back_on": str(row.day)})
    [offer] = house.api().get(url)["offers"]
    assert offer == {
        "sku": "A", "stock": "out", "back_on": str(row.day), "cost": {"amount": "19.50", "currency": "usd"},
    }  # fmt: skip
    house.api().post(f"{url}/offers", {"sku": "A", "stock": "low"})
    assert house.api().get(url)["offers"][0]["back_on"] is None


def test_what_is_wrong_is_named(house: House) -> None:
    url = f"/pharmacies/{pharmacies(house)['truepill']}/offers"
    api = house.api()
    invalid(house, api, url, {"sku": "A", "stock": "low"}, "cost")
    invalid(house, api, url, BODY | {"stock": "plenty"}, "stock")
    invalid(house, api, url, BODY | {"cost": "-1.00"}, "cost")
    invalid(house, api, url, BODY | {"cost": "10000.01"}, "cost")
    invalid(house, api, url, BODY | {"back_on": "2999-01-01"}, "back_on")
    invalid(house, api, url, BODY | {"stock": "out", "back_on": "2020-01-01"}, "back_on")
    invalid(house, api, url, {}, "sku", "stock")
    api.post("/pharmacies/pha_nobody/offers", BODY, 404)


def test_a_product_that_nobody_knows_is_warned_of(house: House) -> None:
    url = f"/pharmacies/{pharmacies(house)['truepill']}/offers"
    seen = house.api().post(f"{url}?preview=1", BODY, 200)["preview"]
    assert seen["warnings"] == [
        "No product is registered as A. Look whether it is written as orders write it."
    ]


def test_who_may_not_may_not_and_a_second_click_is_one(house: House) -> None:
    url = f"/pharmacies/{pharmacies(house)['truepill']}/offers"
    for role in ("support", "clinician", "finance", "auditor"):
        denied(house, role, url, BODY)
    first = house.api("admin").post(url, BODY, key="k")
    with nothing_written(house):
        assert house.api("admin").post(url, BODY, key="k") == first


def test_the_page_shows_and_changes_it(house: House) -> None:
    url = f"/pharmacies/{pharmacies(house)['truepill']}"
    lee = house.page("ops_lead")
    assert "Nothing is known of it" in lee.get(url)
    lee.get(f"{url}/offers")
    lee.submit(f"{url}/offers", BODY | {"back_on": ""})
    assert lee.url == url and "$19.50" in lee.html and "In stock" in lee.html
    assert 'value="19.50"' in lee.get(f"{url}/offers?sku=A"), "what is known of it is filled in"
