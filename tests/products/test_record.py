"""The shop tells us of a product: once per sku, kept up to date after, with every system's key."""

from __future__ import annotations

from ..house import House
from ..scenes import denied, invalid, nothing_written, refused

CREAM = {
    "sku": "NC60",
    "name": "Night cream, 60 days",
    "kind": "prescription",
    "form": "cream",
    "strength": "tretinoin 0.05 %",
    "needs_prescription": True,
    "keys": [
        {"system": "stripe_price", "key": "price_1"},
        {"system": "stripe_price", "key": "price_2"},
        {"system": "pharmacy", "key": "TRET-05-60"},
    ],
}


def known(product: dict[str, object]) -> list[tuple[str, str]]:
    return [(one["system"], one["key"]) for one in product["keys"]]  # type: ignore[index, attr-defined]


def test_a_product_is_recorded_and_corrected(house: House) -> None:
    shop, api = house.api("shop"), house.api()
    made = shop.post("/products", CREAM, key="k")
    product = api.get(made["subject"])
    assert {name: product[name] for name in CREAM if name != "keys"} == {
        name: value for name, value in CREAM.items() if name != "keys"
    }
    assert product["active"] and all(one["as_of"] for one in product["keys"])
    assert known(product) == [
        ("pharmacy", "TRET-05-60"),
        ("stripe_price", "price_1"),
        ("stripe_price", "price_2"),
    ]
    with nothing_written(house):
        assert shop.post("/products", CREAM, key="k") == made
    assert shop.post("/products", CREAM)["subject"] == made["subject"]
    assert api.get("/audit?act=products.record")["items"][0]["changes"] == []
    ndc = [{"system": "ndc", "key": "42192-0151-01"}]
    shop.post("/products", {**CREAM, "name": "Night cream", "active": False, "keys": ndc})
    after = api.get(made["subject"])
    assert (after["name"], after["active"]) == ("Night cream", False)
    assert known(after) == [*[("ndc", "42192-0151-01")], *known(product)]
    [entry] = [
        one for one in api.get(f"/audit?subject={made['subject']}")["items"] if "ndc" in str(one["changes"])
    ]
    assert {
        "on": made["subject"], "field": "name", "from": "Night cream, 60 days", "to": "Night cream",
    } in entry["changes"]  # fmt: skip
    assert [one["id"] for one in api.get("/products")["items"]] == [after["id"]]


def test_a_key_elsewhere_is_one_products(house: House) -> None:
    shop = house.api("shop")
    shop.post("/products", CREAM)
    words = refused(house, shop, "/products", {**CREAM, "sku": "NC90"}, "key_taken", "keys")
    assert words == "stripe_price price_1 belongs to product NC60."


def test_what_is_needed_and_who_may(house: House) -> None:
    api = house.api()
    invalid(house, api, "/products", {}, "sku", "name", "kind")
    invalid(house, api, "/products", {**CREAM, "kind": "toy"}, "kind")
    invalid(house, api, "/products", {**CREAM, "needs_prescription": False}, "needs_prescription")
    invalid(house, api, "/products", {**CREAM, "kind": "otc"}, "needs_prescription")
    invalid(house, api, "/products", {**CREAM, "active": "no"}, "active")
    invalid(house, api, "/products", {**CREAM, "keys": [{"system": "ndc"}]}, "keys")
    for role in ("support", "auditor", "finance", "admin", "clinician"):
        denied(house, role, "/products", CREAM)
    house.api("ops_lead").post("/products", CREAM)


def test_a_preview_says_what_would_be_recorded(house: House) -> None:
    with nothing_written(house):
        said = house.api("shop").post("/products?preview=1", CREAM, 200)["preview"]
    assert {"field": "sku", "to": "NC60"}.items() <= {
        name: said["changes"][0][name] for name in ("field", "to")
    }.items()
    assert said["promises"] == []
