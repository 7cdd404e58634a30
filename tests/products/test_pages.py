"""Products as staff see them: the list, one product, search, and the lines of orders."""

from __future__ import annotations

from ..house import House
from ..statements import statements
from .test_record import CREAM


def test_staff_read_products_and_find_them(house: House) -> None:
    url = house.api("shop").post("/products", CREAM)["subject"]
    for role in ("support", "clinician", "auditor", "finance", "admin", "ops_lead"):
        assert house.api(role).get(url)["sku"] == "NC60"
    sam = house.page("support")
    assert f'href="{url}"' in sam.get("/products") and 'href="/products"' in sam.html
    assert (
        "TRET-05-60" in sam.get(url)
        and "tretinoin 0.05 %" in sam.html
        and "Recorded product NC60" in sam.html
    )
    assert "No product fits" in sam.get("/products?key=price_9")
    for text in ("NC60", "nc60", "price_1", "TRET-05-60", "night cre"):
        assert [one["url"] for one in house.api().get(f"/search?q={text}")["items"]] == [url], text
    assert house.api().get("/search?q=price_3")["items"] == []


def test_filters_and_sorts(house: House) -> None:
    shop, api = house.api("shop"), house.api()
    shop.post("/products", CREAM)
    balm = {"sku": "LB1", "name": "Lip balm", "kind": "otc", "keys": [{"system": "ndc", "key": "1"}]}
    shop.post("/products", balm)
    names = {
        query: [one["sku"] for one in api.get(f"/products?{query}")["items"]]
        for query in ("", "sort=name", "sort=-name", "sku=NC60", "key=1", "key=price_2", "key=2")
    }
    assert names == {
        "": ["LB1", "NC60"], "sort=name": ["LB1", "NC60"], "sort=-name": ["NC60", "LB1"], "sku=NC60": ["NC60"],
        "key=1": ["LB1"], "key=price_2": ["NC60"], "key=2": [],
    }  # fmt: skip


def test_lines_link_to_their_product_as_soon_as_it_is_known(house: House) -> None:
    order, sam, api = house.order("60.00"), house.page("clinician"), house.api()
    assert order["lines"][0]["product"] is None and "/products/prd_" not in sam.get(order["url"])
    with statements(house) as before:
        sam.get(order["url"])
    url = house.api("shop").post("/products", CREAM)["subject"]
    assert f'href="{url}"' in sam.get(order["url"])
    with statements(house) as after:
        sam.get(order["url"])
    assert len(after) <= len(before) + 6  # its prescriptions, and why it would not go on
    assert api.get("/orders")["items"][0]["lines"][0]["product"] == url
