"""The shop tells us of a customer: once per its own reference, kept up to date after."""

from __future__ import annotations

from ..house import House
from ..scenes import denied, invalid, nothing_written, refused

JO = {
    "reference": "c-1",
    "name": "Jo Field",
    "email": "jo@example.test",
    "phone": "555",
    "external_ids": {"stripe": "cus_1"},
}


def test_a_customer_is_recorded_and_corrected(house: House) -> None:
    shop, api = house.api("shop"), house.api()
    made = shop.post("/customers", JO, key="k")
    customer = api.get(made["subject"])
    assert {name: customer[name] for name in JO} == JO
    with nothing_written(house):
        assert shop.post("/customers", JO, key="k") == made
    assert shop.post("/customers", JO)["subject"] == made["subject"]
    assert api.get("/audit?act=customers.record")["items"][0]["changes"] == []
    shop.post("/customers", {"reference": "c-1", "name": "Jo Meadow", "external_ids": {"crm": "7"}})
    after = api.get(made["subject"])
    assert (after["name"], after["email"]) == ("Jo Meadow", None)
    assert after["external_ids"] == {"crm": "7", "stripe": "cus_1"}
    [entry] = [
        one
        for one in api.get(f"/audit?subject={made['subject']}")["items"]
        if "Jo Meadow" in str(one["changes"])
    ]
    assert {"on": made["subject"], "field": "name", "from": "Jo Field", "to": "Jo Meadow"} in entry["changes"]
    assert (
        api.get("/search?q=jo@example.test")["items"] == []
        and api.get("/search?q=c-1")["items"][0]["url"] == made["subject"]
    )


def test_an_id_elsewhere_is_one_customers(house: House) -> None:
    shop = house.api("shop")
    shop.post("/customers", JO)
    words = refused(house, shop, "/customers", {**JO, "reference": "c-2"}, "id_taken", "external_ids")
    assert words == "stripe cus_1 belongs to customer c-1."


def test_what_is_needed_and_who_may(house: House) -> None:
    invalid(house, house.api(), "/customers", {}, "reference", "name")
    for role in ("support", "auditor", "finance", "admin", "clinician"):
        denied(house, role, "/customers", JO)
    house.api("ops_lead").post("/customers", JO)
