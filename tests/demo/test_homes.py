"""Addresses and telephones: city, state, ZIP and area code belong together, and many people spread as the country does."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime

import pytest
import zipcodes

from opsconsole.demo._cast import CAST
from opsconsole.demo._crowd import NEWCOMERS
from opsconsole.demo._story import Person, person
from opsconsole.models import STATES

UNTIL = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return [person(i, UNTIL) for i in range(len(CAST), len(CAST) + 600)]


def test_city_state_zip_and_area_code_agree(people: list[Person]) -> None:
    real = {one["zip_code"]: one for one in zipcodes.list_all()}  # type: ignore[no-untyped-call]
    for one in people:
        for order in one.orders:
            to = order.ship_to
            place = real[to.zip[:5]]
            assert (to.city.lower(), to.state) == (place["city"].lower(), place["state"])
            assert to.state in STATES and re.fullmatch(r"\d{5}(-\d{4})?", to.zip)
        if one.orders and one.phone and one.orders[0].ship_to.state not in ("AA", "AE", "AP"):
            assert one.phone[3:6] in real[one.orders[0].ship_to.zip[:5]]["area_codes"]


def test_people_are_spread_as_the_country_is(people: list[Person]) -> None:
    states = Counter(one.orders[0].ship_to.state for one in people if one.orders)
    assert states.total() * 0.07 < states["CA"] < states.total() * 0.17
    assert states["CA"] > states["OH"] and len(states) > 35


def test_the_same_number_lives_in_the_same_place(people: list[Person]) -> None:
    again = [person(i, UNTIL) for i in range(len(CAST), len(CAST) + 50)]
    assert [[o.ship_to for o in one.orders] for one in again] == [
        [o.ship_to for o in one.orders] for one in people[:50]
    ]


def test_those_after_the_newcomers_have_been_here_for_years() -> None:
    old = [person(i, UNTIL) for i in range(NEWCOMERS, NEWCOMERS + 300)]
    orders = [order for one in old for order in one.orders]
    assert 9 < len(orders) / len(old) < 12
    assert len({order.reference for order in orders}) == len(orders)
    years = (UNTIL - min(order.placed_at for order in orders)).days / 365
    assert 4 < years < 9
    ended = {"delivered", "closed", "canceled", "returned", "rejected"}
    still_open = sum(order.status not in ended for order in orders)
    assert 0.015 < still_open / len(orders) < 0.045
    skus = Counter(line.sku for order in orders for line in order.lines)
    assert skus["NC-025-30"] and skus["NC050-60D"] and skus["NC-050-90"]
