"""Keys that nobody knows: what names them waits; mapped once, exactly that goes on."""

from __future__ import annotations

from typing import Any

from ..house import House
from ..prescriptions.scenes import clinic, look, prescribed
from ..sandbox.clinic import sound
from ..scenes import denied, invalid, nothing_written, only_case, refused


def key(house: House, code: str = "tret-025") -> dict[str, Any]:
    [found] = house.api().get(f"/unmapped-keys?key={code}")["items"]
    return dict(found)


def other_drug(code: str) -> dict[str, Any]:
    return {"coding": [{"system": "urn:opsconsole:compound", "code": code}], "text": "Azelaic acid 15 % gel"}


def test_mapped_once_exactly_what_waited_goes_on(house: House) -> None:
    clinic(house, mapped=False)
    house.sandbox.fhir.load([sound("Patient", id="pat-2")])
    house.api("shop").post(
        "/customers", {"reference": "cust-2", "name": "Al Pine", "external_ids": {"healthcare": "pat-2"}}
    )
    mine, theirs = prescribed(house), prescribed(house, "rx-2", patient="pat-2")
    other = prescribed(house, "rx-3", medicationCodeableConcept=other_drug("azel-15"))
    assert [one["sku"] for one in (mine, theirs, other)] == [None, None, None]
    unmapped = key(house)
    assert set(unmapped["waiting"]["prescriptions"]) == {mine["url"], theirs["url"]}
    assert unmapped["named"] == "Tretinoin 0.025 % cream" and key(house, "azel-15")["status"] == "open"
    assert "2" in house.page("ops_lead").get("/unmapped-keys") and house.page("ops_lead").get(unmapped["url"])
    url = f"{unmapped['url']}/map"
    seen = house.api("ops_lead").post(f"{url}?preview=1", {"product": "NC60"}, 200)["preview"]
    released = {one["on"] for one in seen["changes"] if one["field"] == "sku"}
    assert released == {mine["url"], theirs["url"]}
    done = house.api("ops_lead").post(url, {"product": "NC60"}, key="k")
    with nothing_written(house):
        assert house.api("ops_lead").post(url, {"product": "NC60"}, key="k") == done
    assert [look(house, one)["sku"] for one in (mine, theirs, other)] == ["NC60", "NC60", None]
    assert key(house)["status"] == "mapped"
    refused(house, house.api(), url, {"product": "NC60"}, "already_mapped")
    product = house.api().get(key(house)["product"])
    assert ("compound", "tret-025") in [(one["system"], one["key"]) for one in product["keys"]]


def test_the_shop_may_say_it_too(house: House) -> None:
    clinic(house, mapped=False)
    rx = prescribed(house)
    known = {
        "sku": "NC60", "name": "Night cream", "kind": "prescription", "needs_prescription": True,
        "keys": [{"system": "compound", "key": "tret-025"}], "quantity": "30", "unit": "g", "days_supply": 60,
        "min_age": 18, "not_in_pregnancy": True,
    }  # fmt: skip
    product = house.api().get(house.api("shop").post("/products", known)["subject"])
    assert (product["quantity"], product["days_supply"], product["not_in_pregnancy"]) == (30.0, 60, True)
    assert look(house, rx)["sku"] == "NC60" and key(house)["status"] == "mapped"
    assert "30 g" in house.page("support").get(product["url"])


def test_ignored_it_is_left_alone_until_somebody_knows_better(house: House) -> None:
    clinic(house, mapped=False)
    rx = prescribed(house)
    url = key(house)["url"]
    house.api("ops_lead").post(f"{url}/ignore_key", {})
    assert key(house)["status"] == "ignored" and look(house, rx)["sku"] is None
    refused(house, house.api(), f"{url}/ignore_key", {}, "already_mapped")
    house.api("ops_lead").post(f"{url}/map", {"product": "NC60"})
    assert look(house, rx)["sku"] == "NC60"


def test_refusals_write_nothing(house: House) -> None:
    clinic(house, mapped=False)
    prescribed(house)
    url = key(house)["url"]
    invalid(house, house.api(), f"{url}/map", {"product": "NC-NONE"}, "product")
    invalid(house, house.api(), f"{url}/map", {}, "product")
    for role in ("support", "clinician", "finance", "auditor", "shop"):
        denied(house, role, f"{url}/map", {"product": "NC60"})
        denied(house, role, f"{url}/ignore_key", {})


def test_keys_of_two_products_are_nobodys_guess(house: House) -> None:
    clinic(house)
    house.api("shop").post(
        "/products",
        {
            "sku": "NC90", "name": "Night cream, 90 days", "kind": "prescription", "needs_prescription": True,
            "keys": [{"system": "compound", "key": "tret-025-90"}, {"system": "rxnorm", "key": "1"}],
        },
    )  # fmt: skip
    compound, rxnorm = "urn:opsconsole:compound", "http://www.nlm.nih.gov/research/umls/rxnorm"
    both = {
        "coding": [{"system": compound, "code": code} for code in ("tret-025", "tret-025-90")],
        "text": "T",
    }
    rx = prescribed(house, medicationCodeableConcept=both)
    assert rx["sku"] is None
    case = only_case(house, rx["url"])
    assert case["reason"] == "product_mismatch" and "NC60 and NC90" in case["says"]
    first = {
        "coding": [{"system": compound, "code": "tret-025"}, {"system": rxnorm, "code": "1"}],
        "text": "T",
    }
    assert prescribed(house, "rx-2", medicationCodeableConcept=first)["sku"] == "NC60"
