"""A scene that was set before is as one that is set now."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from . import kept
from .conftest_parts import AsNew
from .house import House
from .scenes import WINDOW, issue, paid_back


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    before, kept._kept = kept._kept, {}
    yield
    kept._kept = before


@pytest.fixture
def again(house: House, as_new: AsNew) -> Any:
    """Everything as it is for the next test."""
    image = house.sandbox.store.image()

    def begin() -> None:
        as_new.ready()
        house.sandbox.begin_anew(image, house.sandbox.webhooks._deliver)
        house.orders = 0
        house.keeper = kept.Keeper(as_new, house, house.keeper and house.keeper.files)

    return begin


def test_it_is_the_same_in_every_row_and_at_every_vendor(house: House, again: Any) -> None:
    def stands() -> Any:
        rows = {table: told for table, told in house.checksum().items() if table != "sandbox_clock"}
        return rows, house.sandbox.ledger(), house.sandbox.calls, house.sandbox.traffic.told(), house.orders

    order = house.order()
    sam = house.page("support")
    [before] = house.rows("select instant() as at")
    built = stands()
    assert built[1], "nothing happened at the processor"
    time.sleep(1)  # longer than putting back takes
    again()
    assert not house.rows("select 1 from orders")
    assert house.order() == order and house.page("support").html == sam.html
    assert stands() == built
    [after] = house.rows("select instant() as at")
    assert (after.at - before.at).total_seconds() < 1, "time went on meanwhile"
    assert not house.keeper or house.keeper.state in {one.state for one in kept._kept.values()}
    house.page("support").get(order["url"])
    issue(house, order)
    house.later(WINDOW)
    assert paid_back(house) == [1000]


def test_what_differs_is_walked(house: House, again: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def anew() -> bool:
        return house.order()["id"] != order["id"]

    order = house.order()
    again()
    assert not anew()
    again()
    assert house.order("61.00")["total"]["amount"] == "61.00"
    again()
    house.api().post(f"{house.order()['customer']}/note", {"text": "Called."}, 201)
    assert anew(), "a second order is not the first one again"
    again()
    house.rows("select set_config('a.b', 'c', false)")
    assert not anew(), "reading changes nothing"
    again()
    house.sandbox.fault(kind="error_500", method="GET /v1/nothing")
    assert anew(), "a dial is set"
    again()
    house.sandbox.clear_faults()
    house.advance(1)
    assert anew(), "time has leapt"
    again()
    monkeypatch.setitem({}, "a", "b")
    assert anew(), "something is patched"


def test_after_a_while_the_doors_are_walked_again(house: House, again: Any) -> None:
    order = house.order()
    for key, one in kept._kept.items():
        kept._kept[key] = replace(one, at=one.at - kept.KEPT_FOR)
    again()
    assert house.order()["id"] != order["id"]
