"""Shipping to an address that nobody vouches for: who has decided, and why, stands on everything."""

from __future__ import annotations

import pytest

from opsconsole.models import OrderStatus
from opsconsole.services import fills

from ..fills.scenes import HOME, pharmacies, submitted
from ..fills.scenes import order as ready_order
from ..house import House
from ..scenes import cases_of, denied, invalid, nothing_written, only_case, refused
from .test_cancel import put
from .test_check_address import GOOD, NOWHERE, VERIFY, address, shipping

ASKED = {"reason": "customer_confirmed"}


def test_it_says_who_accepted_it_and_why(house: House) -> None:
    order, sam = shipping(house, NOWHERE), house.page("support")
    assert only_case(house, order)["reason"] == "address_unverifiable"
    seen = sam.get(f"{order}/accept_address")
    assert "Address not found" in seen
    sam.submit(f"{order}/accept_address?preview=1", ASKED)
    sam.submit(f"{order}/accept_address", ASKED)
    assert "Accepted unverified by Sam Rivera" in sam.get(order)
    assert "The customer confirmed that it is right" in sam.html
    told = address(house, order)
    assert (told["verdict"], told["by"]) == ("overridden", "Sam Rivera")
    assert cases_of(house, order) == []


def test_the_fill_carries_the_flag_and_the_clock_waits_for_it(house: House) -> None:
    pharmacies(house)
    found = ready_order(house)
    house.rows("select 1")
    house.api().post(f"{found['url']}/readdress", {"ship_to": HOME | {"line1": "1 Nowhere"}})

    def ready() -> list[str]:
        with house.app.app_context():
            return fills.ready()

    assert ready() == [], "it is being checked"
    house.drain()
    assert ready() == [], "nobody finds it"
    house.api().post(f"{found['url']}/accept_address", ASKED)
    assert ready() == [found["id"]]
    fill = submitted(house, found)
    assert "Accepted unverified by" in house.page("support").get(fill["url"])


def test_an_answer_that_comes_later_does_not_undo_it(house: House) -> None:
    order = shipping(house, NOWHERE, drain=False)
    seen = house.api().post(f"{order}/accept_address?preview=1", ASKED, 200)["preview"]
    assert "Nobody has checked" in seen["warnings"][0]
    house.api().post(f"{order}/accept_address", ASKED)
    house.drain()
    assert address(house, order)["verdict"] == "overridden" and cases_of(house, order) == []


def test_another_address_is_checked_anew(house: House) -> None:
    order = shipping(house, NOWHERE)
    house.api().post(f"{order}/accept_address", ASKED)
    house.api().post(f"{order}/readdress", {"ship_to": GOOD})
    house.drain()
    assert address(house, order)["verdict"] == "verified"
    assert address(house, order)["by"] == "EasyPost"


def test_what_is_refused(house: House) -> None:
    order, api = shipping(house, NOWHERE), house.api()
    invalid(house, api, f"{order}/accept_address", {}, "reason")
    invalid(house, api, f"{order}/accept_address", {"reason": "because"}, "reason")
    api.post(f"{order}/accept_address", ASKED)
    refused(house, api, f"{order}/accept_address", ASKED, "nothing_to_accept")
    good = shipping(house, GOOD, reference="R-2")
    refused(house, api, f"{good}/accept_address", ASKED, "nothing_to_accept")
    refused(house, api, f"{shipping(house, None, reference='R-3')}/accept_address", ASKED, "no_address")
    gone = shipping(house, NOWHERE | {"line2": "B"}, reference="R-4")
    put(house, gone, OrderStatus.SHIPPED)
    refused(house, api, f"{gone}/accept_address", ASKED, "address_gone")


@pytest.mark.parametrize("role", ["clinician", "finance", "admin", "auditor", "shop"])
def test_who_may_not(house: House, role: str) -> None:
    denied(house, role, f"{shipping(house, NOWHERE)}/accept_address", ASKED)


def test_the_second_click_changes_nothing(house: House) -> None:
    order, api = shipping(house, NOWHERE), house.api()
    first = api.post(f"{order}/accept_address", ASKED, key="one")
    with nothing_written(house):
        assert api.post(f"{order}/accept_address", ASKED, key="one") == first


def test_a_checker_that_is_down_stops_nobody_who_may_accept(house: House) -> None:
    house.sandbox.fault(vendor="easypost", kind="down", method=VERIFY)
    order = shipping(house)
    for _ in range(4):
        house.later(9 * 3600)
    assert only_case(house, order)["reason"] == "vendor_unavailable_exhausted"
    house.api().post(f"{order}/accept_address", ASKED)
    assert address(house, order)["verdict"] == "overridden"
