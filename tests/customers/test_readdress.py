"""Where a customer's parcels go: the healthcare system first, and here once it has confirmed; named orders at once."""

from __future__ import annotations

from typing import Any

import pytest

from opsconsole import vendors
from opsconsole.models import OrderStatus

from ..fills.scenes import pharmacies
from ..house import House
from ..orders.test_cancel import put
from ..orders.test_check_address import shipping
from ..scenes import cases_of, denied, invalid, nothing_written, only_case, refused

OLD = {"name": "Jo Doe", "line1": "1 Old Street", "city": "Fresno", "state": "CA", "zip": "93650"}
NEW = {"name": "Jo Doe", "line1": "2 New Street", "city": "Reno", "state": "NV", "zip": "89501"}
ASKED = {"ship_to": NEW}
CHANGES = "PUT /fhir/Patient/*"


def patient(house: House, address: dict[str, str] | None = OLD, *, id: str = "pat-1") -> str:
    """A customer whom the healthcare system knows, and whose address was read there. Their URL."""
    where = address or {}
    line = {
        "resourceType": "Patient", "id": id, "birthDate": "1990-02-03", "name": [{"family": "Featherstonehaugh"}],
        **({"address": [{"use": "home", "type": "both", "line": [where["line1"]], "city": where["city"],
                         "state": where["state"], "postalCode": where["zip"]}]} if address else {}),
    }  # fmt: skip
    house.sandbox.fhir.load([line])
    told = {
        "reference": "c",
        "name": "Jo Doe",
        "email": "jo@example.test",
        "external_ids": {"healthcare": id},
    }
    url = str(house.api("shop").post("/customers", told)["subject"])
    house.drain()
    return url


def mirrored(house: House, url: str) -> Any:
    return house.api().get(url)["ship_to"]


def there(house: House, id: str = "pat-1") -> Any:
    with house.app.app_context():
        return vendors.port("healthcare").fetch_patient(id).address


def test_the_owner_is_asked_first_and_we_follow(house: House) -> None:
    url, api = patient(house), house.api()
    assert mirrored(house, url) == {**OLD, "line2": "", "country": "US"}
    seen = api.post(f"{url}/readdress?preview=1", ASKED, 200)["preview"]
    assert [one["to"] for one in seen["promises"]] == ["healthcare"] and seen["changes"] == []
    done = api.post(f"{url}/readdress", ASKED, match=seen["hash"])
    assert (done["subject"], done["undo"]) == (url, None)
    assert mirrored(house, url)["city"] == "Fresno"
    assert "on its way there" in house.page().get(url)
    house.drain()
    assert mirrored(house, url)["city"] == there(house).city == "Reno"
    assert [entry["object_id"] for entry in house.sandbox.ledger("patient")] == ["pat-1"]
    page = house.page().get(url)
    assert "2 New Street" in page and "on its way there" not in page
    assert "2 New Street" not in house.page("finance").get(url)


def test_only_the_orders_that_are_named_go_there_too(house: House) -> None:
    url, api = patient(house), house.api()
    named, other = (shipping(house, OLD, reference=f"R-{n}") for n in "12")
    elsewhere = shipping(house, NEW, reference="R-3")
    asked = ASKED | {"orders": [named.rsplit("/", 1)[-1], elsewhere.rsplit("/", 1)[-1]]}
    seen = api.post(f"{url}/readdress?preview=1", asked, 200)["preview"]
    assert {change["on"] for change in seen["changes"]} == {named}
    assert [one["to"] for one in seen["promises"]] == ["healthcare"], "what was found of that address serves"
    api.post(f"{url}/readdress", asked, match=seen["hash"])
    house.drain()
    assert api.get(named)["ship_to"]["city"] == "Reno" and api.get(other)["ship_to"]["city"] == "Fresno"
    again = api.post(f"{url}/readdress", ASKED | {"orders": [other]})
    assert again["promises"] == [], "the customer's own stands so already"
    assert api.get(other)["ship_to"]["city"] == "Reno"


def test_an_order_that_left_our_hands_is_listed_and_refused(house: House) -> None:
    url, sam = patient(house), house.page("support")
    named, gone = (shipping(house, OLD, reference=f"R-{n}") for n in "12")
    put(house, gone, OrderStatus.AT_PHARMACY)
    page = sam.get(f"{url}/readdress")
    row = page[page.index(f'value="{gone.rsplit("/", 1)[-1]}"') :]
    assert " disabled" in row[:60] and "The pharmacy is preparing it" in row
    assert "Until it is handed to the pharmacy" in page and 'value="Jo Doe"' in page
    refused(house, house.api(), f"{url}/readdress", ASKED | {"orders": [gone, named]}, "not_readdressable")
    typed: dict[str, Any] = {f"ship_to-{part}": value for part, value in NEW.items()}
    sam.submit(f"{url}/readdress?preview=1", typed | {"orders": [named.rsplit("/", 1)[-1]]})
    sam.submit(f"{url}/readdress", typed | {"orders": [named.rsplit("/", 1)[-1]]})
    house.drain()
    assert house.api().get(named)["ship_to"]["city"] == mirrored(house, url)["city"] == "Reno"


def test_another_state_says_whose_licence_lacks(house: House) -> None:
    url, api = patient(house), house.api()
    order = shipping(house, OLD)
    pharmacies(house)

    def warned(state: str, **more: Any) -> list[str]:
        asked = {"ship_to": {**NEW, "state": state}, **more}
        return list(api.post(f"{url}/readdress?preview=1", asked, 200)["preview"].get("warnings", []))

    assert warned("CA") == []
    assert warned("NV") == ["NV instead of CA. Nobody’s licence is missing there."]
    [future, of_order] = warned("OR", orders=[order])
    assert future == "OR instead of CA. No pharmacy that we work with may ship to OR."
    assert of_order == f"Order R-1: {future}"
    api.post(f"{url}/readdress", {"ship_to": {**NEW, "state": "OR"}, "orders": [order]})


def test_what_is_refused(house: House) -> None:
    url, api = patient(house), house.api()
    refused(house, api, f"{url}/readdress", {"ship_to": OLD}, "same_address")
    invalid(house, api, f"{url}/readdress", {}, "ship_to")
    invalid(house, api, f"{url}/readdress", {"ship_to": {**NEW, "zip": "1"}}, "ship_to")
    invalid(house, api, f"{url}/readdress", ASKED | {"orders": ["ord_1"]}, "orders")
    invalid(house, api, f"{url}/readdress", ASKED | {"orders": [house.order()["id"]]}, "orders")
    api.post(f"{url}/readdress", ASKED)
    refused(house, api, f"{url}/readdress", ASKED, "address_under_way")
    nobody = house.order()["customer"]
    refused(house, api, f"{nobody}/readdress", ASKED, "no_health_record")
    [act] = [one for one in api.get(nobody)["acts"] if one["act"] == "customers.readdress"]
    assert not act["allowed"] and "does not know this customer" in act["why_not"]


@pytest.mark.parametrize("role", ["clinician", "finance", "admin", "auditor", "shop"])
def test_who_may_not(house: House, role: str) -> None:
    denied(house, role, f"{patient(house)}/readdress", ASKED)


def test_the_second_click_changes_nothing(house: House) -> None:
    url, api = patient(house), house.api()
    first = api.post(f"{url}/readdress", ASKED, key="one")
    with nothing_written(house):
        assert api.post(f"{url}/readdress", ASKED, key="one") == first
    house.drain()
    assert len(house.sandbox.ledger("patient")) == 1


def test_the_owners_no_is_a_case_and_nothing_changes(house: House) -> None:
    url, api = patient(house, id="pat-1"), house.api()
    with house.sandbox.fhir.turn() as turn:
        turn.db.execute("DELETE FROM fhir_resources")
    api.post(f"{url}/readdress", ASKED)
    house.drain()
    case = only_case(house, url)
    assert case["reason"] == "vendor_rejected" and mirrored(house, url)["city"] == "Fresno"
    assert "not taken over: see the case" in house.page().get(url)
    patient(house)
    api.post(f"/cases/{case['id']}/retry", {"reason": "They are back", "fix": {"line1": "3 Third Street"}})
    house.drain()
    assert there(house).line1 == mirrored(house, url)["line1"] == "3 Third Street"
    assert cases_of(house, url) == []


def test_an_answer_that_was_lost_is_one_change(house: House) -> None:
    url = patient(house)
    house.sandbox.fault(vendor="fhir", kind="lost_answer", method=CHANGES, times=1)
    house.api().post(f"{url}/readdress", ASKED)
    house.drain()
    house.later(60)
    assert mirrored(house, url)["city"] == "Reno"
    assert len(house.sandbox.ledger("patient")) == 1


def test_where_they_live_stands_in_no_sentence(house: House) -> None:
    url = patient(house)
    house.api().post(f"{url}/readdress", ASKED)
    house.drain()
    told = house.rows(
        "select says from promises union all select says from audit_entries union all select inputs::text from "
        "audit_entries union all select changes::text from audit_entries"
    )
    assert len(told) > 5 and not [row for row in told if "New Street" in row.says or "89501" in row.says]
