"""Another address for what was not handed over yet."""

from __future__ import annotations

import pytest

from opsconsole.models import OrderStatus

from ..house import House
from ..scenes import denied, invalid, nothing_written, refused
from .test_cancel import put

OLD = {"name": "Jo Doe", "line1": "1 Old Street", "city": "Fresno", "state": "CA", "zip": "93650"}
NEW = {"name": "Jo Doe", "line1": "2 New Street", "city": "Fresno", "state": "CA", "zip": "93650"}


def shipped_to(house: House, address: dict[str, str] | None = OLD) -> str:
    shop = house.api("shop")
    shop.post("/customers", {"reference": "c", "name": "Jo", "email": "jo@example.test"})
    lines = [{"sku": "S", "name": "Cream", "quantity": 1, "unit_price": "20.00"}]
    told = {"reference": "R-1", "customer": "c", "total": "20.00", "lines": lines}
    return str(shop.post("/orders", told | ({"ship_to": address} if address else {}))["subject"])


def test_it_ships_there_and_the_audit_does_not_say_where(house: House) -> None:
    order, api = shipped_to(house), house.api()
    seen = api.post(f"{order}/readdress?preview=1", {"ship_to": NEW}, 200)["preview"]
    [change] = seen["changes"]
    assert change["field"] == "ship to: line1" and "Street" not in str(change) and "warnings" not in seen
    api.post(f"{order}/readdress", {"ship_to": NEW}, match=seen["hash"])
    assert api.get(order)["ship_to"] == {**NEW, "line2": "", "country": "US"}
    assert "New Street" not in str(house.rows("select changes::text from audit_entries"))


def test_another_state_is_warned_of(house: House) -> None:
    order, api = shipped_to(house), house.api()
    elsewhere = {**NEW, "state": "NV", "city": "Reno", "zip": "89501"}
    seen = api.post(f"{order}/readdress?preview=1", {"ship_to": elsewhere}, 200)["preview"]
    assert seen["warnings"] == ["Order R-1: NV instead of CA. No pharmacy that we work with may ship to NV."]
    assert {"on": order, "field": "ship to: state", "from": "CA", "to": "NV"} in seen["changes"]


def test_an_order_without_an_address_gets_one(house: House) -> None:
    order, api = shipped_to(house, None), house.api()
    api.post(f"{order}/readdress", {"ship_to": NEW})
    assert api.get(order)["ship_to"]["city"] == "Fresno"


def test_what_is_refused(house: House) -> None:
    order, api = shipped_to(house), house.api()
    refused(house, api, f"{order}/readdress", {"ship_to": OLD}, "same_address")
    invalid(house, api, f"{order}/readdress", {}, "ship_to")
    invalid(house, api, f"{order}/readdress", {"ship_to": {**NEW, "zip": "1"}}, "ship_to")
    put(house, order, OrderStatus.SHIPPED)
    refused(house, api, f"{order}/readdress", {"ship_to": NEW}, "not_readdressable")


@pytest.mark.parametrize("role", ["clinician", "finance", "admin", "auditor", "shop"])
def test_who_may_not(house: House, role: str) -> None:
    denied(house, role, f"{shipped_to(house)}/readdress", {"ship_to": NEW})


def test_the_second_click_changes_nothing(house: House) -> None:
    order, api = shipped_to(house), house.api()
    first = api.post(f"{order}/readdress", {"ship_to": NEW}, key="one")
    with nothing_written(house):
        assert api.post(f"{order}/readdress", {"ship_to": NEW}, key="one") == first


def test_sam_changes_it_in_a_browser(house: House) -> None:
    order, sam = shipped_to(house), house.page("support")
    assert "1 Old Street" in sam.get(f"{order}/readdress")
    typed = {f"ship_to-{part}": value for part, value in NEW.items()}
    sam.submit(f"{order}/readdress?preview=1", typed)
    sam.submit(f"{order}/readdress", typed)
    assert "2 New Street" in sam.get(order)
