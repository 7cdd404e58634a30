"""Does mail reach where an order ships: asked when an address comes, and on request."""

from __future__ import annotations

from typing import Any

import pytest

from opsconsole import vendors
from opsconsole.db import db
from opsconsole.models import Order, OrderStatus
from opsconsole.services import CLOCK, orders

from ..house import House
from ..scenes import cases_of, denied, nothing_written, only_case, refused
from .test_cancel import put

GOOD = {"name": "Jo Doe", "line1": "12 MAIN ST", "city": "TEMPE", "state": "AZ", "zip": "85281"}
LOOSE = {**GOOD, "line1": "12 Main Street"}
NOWHERE = {**GOOD, "line1": "1 Nowhere Road"}
VERIFY = "POST /easypost/v2/addresses"


def shipping(
    house: House, to: dict[str, str] | None = GOOD, *, reference: str = "R-1", drain: bool = True
) -> str:
    """An order that ships there, its address checked. Its URL."""
    shop = house.api("shop")
    shop.post("/customers", {"reference": "c", "name": "Jo Doe", "email": "jo@example.test"})
    lines = [{"sku": "S", "name": "Cream", "quantity": 1, "unit_price": "20.00"}]
    told = {"reference": reference, "customer": "c", "total": "20.00", "lines": lines}
    url = str(shop.post("/orders", told | ({"ship_to": to} if to else {}))["subject"])
    if drain:
        house.drain()
    return url


def address(house: House, order: str) -> Any:
    return house.api().get(order)["address"]


def asked(house: House) -> int:
    return [call["path"] for call in house.sandbox.calls].count("/easypost/v2/addresses")


@pytest.mark.parametrize(
    ("to", "verdict"),
    [(GOOD, "verified"), (LOOSE, "corrected"), (NOWHERE, "unverifiable"), (None, "unchecked")],
)
def test_an_address_is_checked_as_it_comes(house: House, to: dict[str, str] | None, verdict: str) -> None:
    order = shipping(house, to)
    told = address(house, order)
    assert told["verdict"] == verdict == house.api().get(order)["address_verdict"]
    assert asked(house) == (to is not None)
    if to:
        assert (told["by"], bool(told["at"])) == ("EasyPost", True)


def test_a_corrected_address_keeps_both_and_shows_the_difference(house: House) -> None:
    order, sam = shipping(house, LOOSE), house.page("support")
    told = house.api().get(order)
    assert told["ship_to"]["line1"] == "12 Main Street" and told["address"]["found"]["line1"] == "12 MAIN ST"
    page = sam.get(order)
    assert "12 Main Street" in page and "<mark>12 MAIN ST</mark>" in page and "<mark>Jo Doe" not in page
    assert 'value="12 MAIN ST"' in sam.get(f"{order}/readdress?as=post")
    typed = {f"ship_to-{part}": value for part, value in GOOD.items()}
    sam.submit(f"{order}/readdress", typed)
    house.drain()
    assert address(house, order)["verdict"] == "verified"


def test_an_address_that_nobody_finds_is_a_case_until_it_is_another(house: House) -> None:
    order = shipping(house, NOWHERE)
    assert "Address not found" in address(house, order)["says"]
    case = only_case(house, order)
    assert (case["reason"], case["suggests"]["act"]) == ("address_unverifiable", "orders.readdress")
    assert "Nowhere" not in case["says"]
    assert "Address not found" in house.page("support").get(order)
    assert "Address not found" not in house.page("finance").get(order)
    house.api().post(f"{order}/readdress", {"ship_to": GOOD})
    assert cases_of(house, order) == [] and address(house, order)["verdict"] == "unchecked"
    house.drain()
    assert address(house, order)["verdict"] == "verified"


def test_what_was_found_serves_for_the_customers_next_order(house: House) -> None:
    first = shipping(house, GOOD)
    second = shipping(house, GOOD, reference="R-2", drain=False)
    assert address(house, second) == address(house, first)
    house.later(91 * 86400)
    assert address(house, shipping(house, GOOD, reference="R-3"))["at"] != address(house, first)["at"]
    assert asked(house) == 2


def test_an_answer_about_a_former_address_changes_nothing(house: House) -> None:
    order = shipping(house, NOWHERE, drain=False)
    house.api().post(f"{order}/readdress", {"ship_to": GOOD})
    house.drain()
    assert address(house, order)["verdict"] == "verified" and cases_of(house, order) == []
    assert asked(house) == 2


def test_it_is_checked_on_request(house: House) -> None:
    order, api = shipping(house), house.api()
    seen = api.post(f"{order}/check_address?preview=1", None, 200)["preview"]
    assert [one["to"] for one in seen["promises"]] and seen["changes"] == []
    api.post(f"{order}/check_address", match=seen["hash"])
    page = house.page("support")
    house.drain()
    assert asked(house) == 2
    page.get(f"{order}/check_address")


def test_what_is_refused(house: House) -> None:
    order, api = shipping(house, drain=False), house.api()
    refused(house, api, f"{order}/check_address", {}, "being_checked")
    refused(house, api, f"{shipping(house, None, reference='R-2')}/check_address", {}, "no_address")
    tracking = vendors._ports.pop("tracking")
    try:
        refused(house, api, f"{order}/check_address", {}, "no_checker")
        assert address(house, shipping(house, NOWHERE, reference="R-3"))["verdict"] == "unchecked"
    finally:
        vendors.connect("tracking", tracking)


@pytest.mark.parametrize("role", ["clinician", "finance", "admin", "auditor", "shop"])
def test_who_may_not(house: House, role: str) -> None:
    denied(house, role, f"{shipping(house)}/check_address")


def test_the_second_click_changes_nothing(house: House) -> None:
    order, api = shipping(house), house.api()
    first = api.post(f"{order}/check_address", key="one")
    with nothing_written(house):
        assert api.post(f"{order}/check_address", key="one") == first


def test_a_check_without_an_answer_is_made_again(house: House) -> None:
    order = shipping(house, drain=False)
    house.sandbox.fault(vendor="easypost", kind="garbage", profile="html200", method=VERIFY, times=1)
    house.drain()
    assert address(house, order)["verdict"] == "unchecked"
    assert "Being checked" in house.page("support").get(order)
    house.later(60)
    assert address(house, order)["verdict"] == "verified"


def test_the_vendors_no_is_a_case(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def no(address: Any) -> None:
        raise vendors.Declined("ADDRESS.INVALID", "That is no address.", http_status=422)

    order = shipping(house, drain=False)
    with monkeypatch.context() as patched:
        patched.setattr(vendors.port("tracking"), "verify", no)
        house.drain()
    case = only_case(house, order)
    assert case["reason"] == "vendor_rejected" and address(house, order)["verdict"] == "unchecked"
    assert "It could not be checked: see the case" in house.page("support").get(order)
    house.api().post(f"/cases/{case['id']}/retry", {"reason": "They have mended it"})
    house.drain()
    assert address(house, order)["verdict"] == "verified" and cases_of(house, order) == []


def test_an_order_of_before_is_checked_before_it_goes_out(house: House) -> None:
    order = shipping(house, drain=False)
    put(house, order, OrderStatus.READY)

    def clock() -> int:
        with house.app.app_context():
            found = orders.unchecked()
            for id in found:
                orders.check_first(id, by=CLOCK)
        return len(found)

    assert clock() == 0, "it is being checked"
    house.drain()
    with house.app.app_context():
        db.session.execute(db.update(Order).values(address_verdict="unchecked"))
        db.session.commit()
    assert (clock(), clock()) == (1, 0)
    house.drain()
    assert address(house, order)["verdict"] == "verified"


def test_where_it_ships_stands_in_no_sentence(house: House) -> None:
    shipping(house, NOWHERE)
    told = house.rows(
        "select says from promises union all select says from audit_entries union all select inputs::text from "
        "audit_entries union all select says from cases"
    )
    assert len(told) > 3 and not [row for row in told if "Nowhere" in row.says or "85281" in row.says]
